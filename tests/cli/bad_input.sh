#!/bin/sh
# Whatever is wrong with the input, the program says one sentence that names it, leaves nothing
# half-written, and gives the documented exit code.
. "$(dirname "$0")/lib.sh"

"$fettle" sample inspect parts >/dev/null
"$fettle" train parts -o good.fettle --effort memory --quiet >/dev/null
nothing_written() { ! ls | grep -q '^bad\|\.fettle\.\|^\.bad'; }

# ---- folders ----
mkdir empty
expect 4 'empty' "$fettle" train empty -o bad.fettle
expect 3 'no/such' "$fettle" train no/such -o bad.fettle
mkdir one && cp parts/train/good/000.png one/
expect 0 'cannot be promised' "$fettle" train one -o one.fettle --effort memory
check 'a refused training writes nothing' nothing_written

# ---- pictures of mixed sizes train and answer ----
cp -r parts mixed
"$fettle" synth tile tiles --size 96 --train 8 --good 1 --defects 0 --quiet >/dev/null
for i in tiles/train/good/*.png; do cp "$i" "mixed/train/good/tile_$(basename "$i")"; done
expect 0 'mixed.fettle' "$fettle" train mixed -o mixed.fettle --effort memory --quiet

# ---- damaged pictures are named, the others go on ----
cp -r parts damaged
echo 'this is no picture' >damaged/train/good/text.jpg
head -c 700 parts/train/good/000.png >cut.png
head -c 300 "$source/tests/golden/media/jpeg_grey.jpg" >damaged/train/good/cut.jpg
printf '\211\120\116\107\015\012\032\012\000\000\000\015\111\110\104\122\000\001\206\240\000\001\206\240\010\002\000\000\000\047\060\234\237' \
    >damaged/train/good/huge.png
mkdir damaged/train/good/folder.png
for name in text.jpg cut.jpg huge.png; do
    expect 0 "$name" "$fettle" train damaged -o damaged.fettle --effort memory
done
expect 1 'text.jpg' "$fettle" predict good.fettle damaged/train/good/text.jpg
expect 1 'cut.png' "$fettle" predict good.fettle cut.png
expect 1 'cut.jpg' "$fettle" predict good.fettle damaged/train/good/cut.jpg
expect 1 '100000' "$fettle" predict good.fettle damaged/train/good/huge.png
expect 1 '001.png' "$fettle" predict good.fettle parts/train/good/001.png cut.png
if [ "$(id -u)" -ne 0 ]; then
    cp parts/train/good/000.png locked.png && chmod 000 locked.png
    expect 1 'locked.png' "$fettle" predict good.fettle locked.png
fi
expect 3 'absent.png' "$fettle" predict good.fettle absent.png

# ---- a mask of another size ----
cp -r parts masks
cp tiles/train/good/000.png masks/ground_truth/spot/000_mask.png
expect 0 'the mask has 96 x 96 pixels' "$fettle" test good.fettle masks

# ---- the model file ----
size=$(wc -c <good.fettle)
head -c $((size / 2)) good.fettle >cut.fettle
expect 4 'cut.fettle' "$fettle" predict cut.fettle parts/test/good/000.png
for share in 3 5 7; do
    at=$((size * share / 10))
    cp good.fettle flipped.fettle
    byte=$(dd if=good.fettle bs=1 skip=$at count=1 2>/dev/null | od -An -tu1 | tr -d ' ')
    printf "\\$(printf %03o $((byte ^ 16)))" | dd of=flipped.fettle bs=1 seek=$at conv=notrunc 2>/dev/null
    expect 4 'flipped.fettle' "$fettle" show flipped.fettle
done
expect 4 '000.png' "$fettle" show parts/test/good/000.png
expect 3 'absent.fettle' "$fettle" show absent.fettle

# ---- a full disk: the old file stays as it was ----
cp good.fettle bad.fettle
(
    ulimit -f 8
    "$fettle" train parts -o bad.fettle --effort memory --quiet
) >"$work/output" 2>&1
check 'a full disk is exit code 5' test $? -eq 5
check 'a full disk leaves the old model' cmp good.fettle bad.fettle
rm -f bad.fettle
check 'a full disk leaves no temporary' sh -c '! ls -A | grep -q "^\.bad\|\.tmp"'

# ---- Ctrl-C ----
"$fettle" synth tile many --size 256 --train 200 --good 0 --defects 0 --quiet >/dev/null
(exec setsid "$fettle" train many -o bad.fettle >"$work/output" 2>&1) &
child=$!
while ! grep -q '^fit\|learn\|reading\|look' "$work/output" 2>/dev/null && kill -0 $child 2>/dev/null; do :; done
kill -INT $child
wait $child
check 'Ctrl-C is exit code 130' test $? -eq 130
check 'Ctrl-C writes nothing' nothing_written

# ---- the command line ----
expect 2 'did you mean' "$fettle" trian parts
expect 2 'did you mean --seed' "$fettle" train parts --sed 3
expect 2 'false-rejects' "$fettle" train parts --false-rejects 200%
expect 2 'wanted MODEL PATH' "$fettle" test good.fettle

# ---- training that does not fit ----
expect 6 '2.0 MB are allowed' "$fettle" bench train unet --memory 2
expect 2 "got 'vgg'" "$fettle" bench train vgg
expect 0 'images_per_s' "$fettle" bench train unet --batch 1 --size 16 --steps 1 --threads 1 --json

# ---- networks ----
"$fettle" onnx export mlp -o mlp.onnx
expect 2 'opset 12, 13 to 22' "$fettle" onnx export mlp -o x.onnx --opset 12
expect 2 '--output names the file' "$fettle" onnx export mlp
expect 3 'vgg' "$fettle" onnx export vgg -o x.onnx
expect 2 '--input names 0 files' "$fettle" onnx run mlp.onnx
expect 4 'a picture F32 [N,3,H,W]' "$fettle" train parts -o x.fettle --backbone mlp.onnx
expect 3 'absent.onnx' "$fettle" train parts -o x.fettle --backbone absent.onnx
expect 2 'backbone-pixels' "$fettle" train parts -o x.fettle --backbone mlp.onnx --backbone-pixels 7
head -c 5000 mlp.onnx >cut.onnx
expect 4 'cut.onnx' "$fettle" train parts -o x.fettle --backbone cut.onnx
check 'nothing was written' test ! -e x.fettle
finish
