#!/usr/bin/env python3
"""Makes bike-sharing-2011.csv from the file ISLP/data/Bikeshare.csv of the Python package ISLP.

    pip download --no-deps ISLP==0.6.0 && unzip islp-0.6.0-*.whl ISLP/data/Bikeshare.csv
    python3 prepare_bike_sharing.py ISLP/data/Bikeshare.csv > bike-sharing-2011.csv
"""
import csv
import sys
from datetime import datetime, timedelta

rows = {}
with open(sys.argv[1], newline="") as source:
    for row in csv.DictReader(source):
        time = datetime(2011, 1, 1) + timedelta(days=int(row["day"]) - 1, hours=int(row["hr"]))
        assert time.isoweekday() % 7 == int(row["weekday"]), row
        assert time not in rows and int(row["bikers"]) > 0, row
        rows[time] = row

out = csv.writer(sys.stdout, lineterminator="\n")
out.writerow(["time", "rentals", "holiday", "workingday", "temperature", "humidity"])
time, last = min(rows), None
days = {t.date(): r for t, r in rows.items()}
while time <= max(rows):
    row = rows.get(time)
    last = row or last
    day = days[time.date()]
    out.writerow([
        time.strftime("%Y-%m-%dT%H:%M"),
        row["bikers"] if row else 0,
        day["holiday"],
        day["workingday"],
        last["temp"],
        last["hum"],
    ])
    time += timedelta(hours=1)
