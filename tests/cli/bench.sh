#!/bin/sh
# fettle bench inspect: one table of many data sets, as Markdown and as JSON, also after Ctrl-C.
. "$(dirname "$0")/lib.sh"
TMPDIR=$work/temporary
export TMPDIR
mkdir "$TMPDIR"

for family in cap ring; do
    "$fettle" synth $family sets/$family --train 12 --good 4 --defects 1 --size 64 --quiet >/dev/null
done
mkdir sets/papers

# ---- the table ----
"$fettle" bench inspect sets --effort fast >table 2>notes
check 'a benchmark ends well' test $? -eq 0
check 'a folder that is none is named' grep -qF 'Passed over: sets/papers is no data set' notes
check 'head, rule, two data sets, means' test "$(wc -l <table)" -eq 5
check 'the columns' grep -qE '^\| data set +\| +image AUROC \| +AP \| +pixel AUROC \| +AU-PRO \| +catch rate \| +false rejects \| +train, s \| +ms/image \| +model, MB \|$' table
check 'the interval' grep -qE '^\| ring +\| [01]\.[0-9]{4} \([01]\.[0-9]{3} to [01]\.[0-9]{3}\) \|' table
check 'the last line holds means' sh -c 'tail -n 1 table | grep -qE "^\| mean +\|"'
check 'the columns stand straight' test "$(awk '{ print length }' table | sort -u | wc -l)" -eq 1
check 'nothing stays behind' test -z "$(ls "$TMPDIR")"

# ---- JSON, seeds, models that stay, options of train ----
"$fettle" bench inspect sets/cap sets/ring/ --json --seeds 2 --keep kept --memory 0.5 --effort fast --quiet >json 2>notes
check 'it prints one line of JSON' test "$(wc -l <json)" -eq 1
check '--quiet is quiet' test ! -s notes
for key in task sets set path images auroc auroc_ci average_precision pixel_auroc au_pro catch_rate \
    false_reject_rate seconds ms bytes seeds seed mean spread skipped; do
    check "the key $key" grep -qF "\"$key\":" json
done
check 'a model of each run' test "$(cd kept && echo *)" = 'cap-seed1.fettle cap-seed2.fettle ring-seed1.fettle ring-seed2.fettle'
"$fettle" train sets/cap -o cap.fettle --seed 2 --memory 0.5 --effort fast --quiet >/dev/null
check 'the model is that of train' cmp cap.fettle kept/cap-seed2.fettle

# ---- what goes wrong ----
rm -r sets/ring/train/good/*
for i in 0 1 2; do printf 'cut' >sets/ring/train/good/00$i.png; done
expect 1 'Passed over: sets/ring' "$fettle" bench inspect sets --effort memory
expect 4 'nothing to measure: sets/papers is no data set' "$fettle" bench inspect sets/papers
expect 3 'nowhere' "$fettle" bench inspect sets/cap nowhere
expect 2 '--resolution' "$fettle" bench inspect sets/cap --resolution wide
expect 2 'no option --target' "$fettle" bench inspect sets/cap --target price
expect 2 'wanted DIR..., got 0' "$fettle" bench inspect
expect 0 'Options of the task inspect' "$fettle" help bench inspect
expect 0 "'fettle help bench inspect'" "$fettle" help bench
check 'the manual has a chapter' sh -c '"$0" manual | grep -qF "fettle bench inspect"' "$fettle"

# ---- Ctrl-C in the second data set ----
cp -r sets/cap sets/lid
sh -c 'echo $$ >pid; exec "$0" bench inspect sets/cap sets/lid >table 2>&3' "$fettle" 3>&1 >/dev/null |
    while read -r line; do
        echo "$line"
        case $line in 'Data set 2 of 2'*) kill -INT "$(cat pid)" ;; esac
    done >notes
check 'it says what the table holds' grep -qF 'stopped; the table holds the 1 data set finished before' notes
check 'the table holds what was finished' test "$(grep -cE '^\| (cap|lid|mean) ' table)" -eq 2
check 'nothing stays behind after Ctrl-C' test -z "$(ls "$TMPDIR")"
finish
