#!/bin/sh
# Training, ours and PyTorch's in turn: pictures per second of both, and the ratio of their medians.
#
#   train_vs_torch.sh FETTLE PEER.py [ROUNDS]
#
# PEER.py NETWORK BATCH SIZE THREADS prints a line with "N images/s". Both run on two threads; run it on a machine that
# does nothing else.
fettle=$1
peer=$2
rounds=${3:-3}
median() { sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }
for network in 'resnet18 16 128' 'unet 12 160'; do
    set -- $network
    ours=$(mktemp)
    theirs=$(mktemp)
    for i in $(seq "$rounds"); do
        "$fettle" bench train "$1" --batch "$2" --size "$3" --threads 2 --json 2>/dev/null |
            sed 's/.*images_per_s":\([0-9.]*\).*/\1/' >>"$ours"
        /usr/bin/python3 "$peer" "$1" "$2" "$3" 2 | sed 's/.* \([0-9.]*\) images.*/\1/' >>"$theirs"
    done
    a=$(median <"$ours")
    b=$(median <"$theirs")
    echo "$1: $a images/s, PyTorch $b, ratio $(echo "$a $b" | awk '{ printf "%.2f", $1 / $2 }')"
    rm -f "$ours" "$theirs"
done
