#!/bin/sh
# Folders and manifests as people have them: every layout trains, what is ignored is named, and nothing
# hangs.
. "$(dirname "$0")/lib.sh"

"$fettle" sample inspect parts >/dev/null
good=parts/train/good
train() { "$fettle" train "$1" -o model.fettle --effort memory; }

# ---- layouts ----
mkdir -p beside/0_OK && cp $good/*.png beside/0_OK/ && cp -r parts/test/spot beside/
expect 0 'good parts beside defect folders' train beside
mkdir -p flat && cp $good/*.png flat/
expect 0 'one flat folder' train flat
mkdir -p archive && cp -r parts archive/parts-v2
expect 0 'MVTec folders' train archive
mkdir -p classes/oak classes/elm && cp $good/00*.png classes/oak/ && cp $good/01*.png classes/elm/
expect 4 'good' train classes
check 'renamed files make the same model' sh -c '
    "$0" train flat -o a.fettle --effort memory --quiet >/dev/null
    for i in flat/*.png; do mv "$i" "flat/z$(basename "$i" .png | rev).png"; done
    "$0" train flat -o b.fettle --effort memory --quiet >/dev/null
    "$0" show a.fettle --json >a.json && "$0" show b.fettle --json >b.json && cmp a.json b.json' "$fettle"

# ---- what lies in folders besides pictures ----
cp -r parts odd
printf 'notes' >odd/train/good/notes.txt
printf 'x' >odd/train/good/.DS_Store
head -c 700 $good/000.png >odd/train/good/cut.png
ln -s .. odd/train/good/up
ln -s nowhere odd/train/good/gone.png
mkfifo odd/train/good/pipe.png
cp $good/001.png "odd/train/good/$(printf 'na\303.png')"
all_named() {
    for text in "$@"; do
        grep -qF -- "$text" "$work/said" || {
            echo "'$text' is missing in:"
            cat "$work/said"
            return 1
        }
    done
}
train odd >"$work/said" 2>&1
check 'odd things are named' all_named '7 ignored' '.DS_Store: hidden' 'gone.png: a link to nothing' \
    'na?.png: its name is not UTF-8' 'pipe.png: not a file'
rm odd/train/good/.DS_Store odd/train/good/gone.png odd/train/good/na*
train odd >"$work/said" 2>&1
check 'the others, too' all_named '4 ignored' 'notes.txt: its name' 'up: a link to a folder' \
    'cut.png: the PNG data ends early' 'pipe.png: not a file'
mkdir text && printf 'x' >text/readme.txt
expect 4 'looked for .jpg' "$fettle" train text --task inspect -o model.fettle

# ---- one part photographed often ----
cp -r parts often
for i in 000 001 002 003 004 005; do cp $good/$i.png "often/train/good/again_$i.png"; done
expect 0 'show one part: 12 of' train often
cp $good/007.png often/test/good/seen_in_training.png
expect 0 'of a part that is learned from, too: 1.' train often

# ---- manifests ----
{
    echo 'file,class,set'
    for i in $good/*.png; do echo "$i,ok,train"; done
    for i in parts/test/spot/*.png; do echo "$i,spot,test"; done
} >list.csv
expect 0 'a manifest' train list.csv
{ cat list.csv && echo 'parts/absent.png,ok,train'; } >absent.csv
expect 0 'parts/absent.png' train absent.csv
{ cat list.csv && echo "$good/000.png,ok,train"; } >twice.csv
expect 0 'is listed on line 2 already' train twice.csv
{ cat list.csv && echo 'x.png,ok,tset'; } >split.csv
line=$(wc -l <split.csv)
expect 4 "split.csv:$line: split 'tset' is none of train, fit, calibrate, val, test" train split.csv
sed 's/\(.*\),\(.*\),\(.*\)/{"path":"\1","label":"\2","split":"\3"}/; 1d' list.csv >list.jsonl
expect 0 'a manifest' train list.jsonl
echo '{"path":' >>list.jsonl
expect 4 'list.jsonl:' train list.jsonl
expect 3 'absent.csv' sh -c '"$0" train no/absent.csv -o model.fettle' "$fettle"
finish
