#!/bin/sh
# A model learns more from new good parts: in place, into another file, the same bytes twice; and what is
# refused leaves the file as it was.
. "$(dirname "$0")/lib.sh"

"$fettle" sample inspect old >/dev/null
"$fettle" sample inspect more --seed 2 >/dev/null
mkdir -p new/good new/dent flaws/test/dent
mv more/train/good/00*.png new/good/
cp more/test/spot/00[01].png new/dent/
cp more/test/spot/00[01].png flaws/test/dent/
"$fettle" train old -o first.fettle --effort memory --quiet >/dev/null

"$fettle" update first.fettle new -o a.fettle --json >json 2>notes
for key in task model images remembered calibrate seconds threshold false_rejects wished bound confidence learned_later; do
    check "update --json has $key" grep -qF "\"$key\":" json
done
check 'update --json prints one line' test "$(wc -l <json)" -eq 1
check 'what is not used is said' grep -q 'are not used' notes
"$fettle" update first.fettle new -o b.fettle --quiet --threads 1 >/dev/null
check 'the same bytes with any number of threads' cmp a.fettle b.fettle
cp first.fettle c.fettle
expect 0 'updated in' "$fettle" update c.fettle new
check 'without -o the model itself is replaced' cmp a.fettle c.fettle
expect 0 'remembered later' "$fettle" show c.fettle
expect 0 'accept' "$fettle" predict c.fettle more/test/good
expect 10 'reject' "$fettle" predict c.fettle more/test/spot/005.png --gate
expect 4 'no new picture of a good part' "$fettle" update c.fettle new
expect 4 'no new picture of a good part' "$fettle" update c.fettle flaws
expect 3 'nowhere' "$fettle" update c.fettle nowhere
expect 3 'nowhere' "$fettle" update nowhere.fettle new
expect 2 'wanted MODEL PATH' "$fettle" update c.fettle
check 'what failed changed nothing' cmp a.fettle c.fettle

"$fettle" update c.fettle more/train/good -o d.fettle --quiet >/dev/null
expect 4 'learned from all of these images already' "$fettle" update d.fettle more/train/good

"$fettle" sample estimate bolts >/dev/null
"$fettle" train bolts --quiet >/dev/null
expect 4 'a model of the task estimate cannot be updated; train it anew with all rows' "$fettle" update bolts.fettle bolts

# Ctrl-C while it works: the old file is whole.
"$fettle" update c.fettle more/train/good >/dev/null 2>&1 &
pid=$!
kill -INT $pid 2>/dev/null
wait $pid
check 'a stopped update leaves a model that opens' "$fettle" show c.fettle
finish
