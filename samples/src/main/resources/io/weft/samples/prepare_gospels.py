#!/usr/bin/env python3
"""Makes mark-1769.txt, luke-1769.txt, mark-1833.txt and luke-1833.txt, a verse in each line.

    git clone https://github.com/aruljohn/Bible-kjv && git clone https://github.com/jlgit/bible_databases
    python3 prepare_gospels.py Bible-kjv bible_databases/json/t_wbt.json
"""
import json
import sys

old, new = sys.argv[1:]
with open(new, encoding="utf-8") as source:
    rows = [row["field"] for row in json.load(source)["resultset"]["row"]]
for name, number in (("mark", 41), ("luke", 42)):
    with open(f"{old}/{name.title()}.json", encoding="utf-8") as source:
        chapters = json.load(source)["chapters"]
    verses = {
        "1769": [verse["text"] for chapter in chapters for verse in chapter["verses"]],
        "1833": [text for _, book, _, _, text in rows if book == number],
    }
    for year, texts in verses.items():
        with open(f"{name}-{year}.txt", "w", encoding="ascii") as out:
            out.writelines(" ".join(text.replace("’", "'").split()) + "\n" for text in texts)
