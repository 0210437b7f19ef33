/* fettle bench: how fast networks run on this machine. */
#include "cli.h"

#include <string.h>

static const struct fet_option options[] = {
    {"runs", FET_OPTION_INT, "50", 1, 100000, NULL, NULL,
     "onnx: How often the model answers, after a tenth as many runs that do not count"},
    {"explain", FET_OPTION_FLAG, "false", 0, 1, NULL, NULL,
     "Print step by step what runs, with its times"},
    {"int8", FET_OPTION_FLAG, "false", 0, 1, NULL, NULL,
     "onnx: Run products in int8, calibrated on the inputs"},
    {"pictures", FET_OPTION_TEXT, "", 0, 0, NULL, NULL,
     "onnx: A folder of pictures, calibration and comparison for int8, instead of random inputs"},
    {"agreement", FET_OPTION_REAL, "0.99", 0, 1, NULL, NULL,
     "onnx: The share of inputs whose largest output --int8 must keep"},
    {"batch", FET_OPTION_INT, "0", 0, 100000, NULL, NULL,
     "train: Pictures per step; 0 is 16 for resnet18, 12 for unet"},
    {"size", FET_OPTION_INT, "0", 0, 100000, NULL, NULL,
     "train: Their height and width; 0 is 128 for resnet18, 160 for unet"},
    {"steps", FET_OPTION_INT, "10", 1, 100000, NULL, NULL,
     "train: Steps to measure, after three that do not count"},
    {"exact", FET_OPTION_FLAG, "false", 0, 1, NULL, NULL,
     "train: No fast convolutions that round more (Winograd)"},
    {"memory", FET_OPTION_INT, "0", 0, 100000000, NULL, NULL,
     "train: Megabytes that a step may need; 0 is any number"},
    CLI_OPTION_THREADS,
    CLI_OPTION_JSON,
    CLI_OPTION_END};

static int run(const struct cli_args *args)
{
    fet_status st = FET_OK;
    if (strcmp(args->operands[0], "onnx") == 0)
        st = cli_bench_onnx(args);
    else if (strcmp(args->operands[0], "train") == 0)
        st = cli_bench_train(args);
    else
        st = FET_FAIL(FET_ARGUMENT,
                      "bench: wanted onnx or train (or inspect right behind bench), got '%s'",
                      args->operands[0]);
    return st != FET_OK ? cli_fail(NULL, st) : CLI_DONE;
}

const struct cli_command cli_bench = {
    .name = "bench",
    .summary = "Measure how fast a network runs here",
    .operands = "onnx MODEL.onnx | train resnet18|unet",
    .min_operands = 2,
    .max_operands = 2,
    .options = options,
    .details =
        "'onnx' plans the model for a batch of one and random inputs, runs it, and prints "
        "the median and the least time of a run and the products and sums per second at the "
        "median. --explain prints to standard error which code each step became and what it "
        "took. --int8 calibrates on some of the inputs and compares with float on the others: the "
        "share whose largest output stays the same, and the relative error; while fewer than "
        "--agreement stay the same, the product that does the most harm goes back to float. "
        "Pictures are "
        "resized to the input, value / 127.5 - 1. 'train' trains a ResNet-18 or a U-Net on random "
        "pictures with AdamW, says what "
        "memory a step needs before it begins, and prints pictures and products and sums "
        "per second at the median. How good inspectors are is measured by 'bench inspect', a "
        "command of its own ('fettle help bench inspect').",
    .examples = "  fettle bench onnx resnet.onnx --threads 2 --json\n"
                "  fettle bench onnx resnet.onnx --explain\n"
                "  fettle bench onnx resnet.onnx --int8 --pictures parts/ --json\n"
                "  fettle bench train unet --threads 2 --json\n",
    .run = run};
