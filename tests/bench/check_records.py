#!/usr/bin/env python3
"""check_records.py COMMAND ARG…: runs a benchmark, small, and holds what it prints to the form that others' scripts read.

Every line is one JSON object of exactly the fields of FIELDS, its value a positive number, "better" one of two words,
"beside" a list of names with numbers. Exit status 1 and the line that is not so, or the benchmark's own status.
"""

import json
import math
import subprocess
import sys

FIELDS = {"name", "value", "unit", "better", "beside", "ratio", "params"}


def is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def fault_of(record):
    """What is wrong with it, or nothing."""
    if not isinstance(record, dict) or set(record) != FIELDS:
        return f"the fields are not {sorted(FIELDS)}"
    if not (isinstance(record["name"], str) and record["name"] and isinstance(record["unit"], str) and record["unit"]):
        return "name or unit is no text"
    if not is_number(record["value"]) or record["value"] < 0:
        return "value is no number from 0 on"
    if record["better"] not in ("higher", "lower"):
        return "better is neither higher nor lower"
    if not isinstance(record["beside"], list) or not all(
            isinstance(one, dict) and set(one) == {"name", "value"} and is_number(one["value"]) for one in record["beside"]):
        return "beside is no list of names with numbers"
    if not is_number(record["ratio"]) or not isinstance(record["params"], dict):
        return "ratio is no number, or params no object"
    return None


def main(command):
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    print(done.stdout, end="")
    if done.returncode != 0:
        return done.returncode
    lines = done.stdout.splitlines()
    values = 0
    for line in lines:
        try:
            record = json.loads(line)
        except ValueError as error:
            print(f"no JSON: {error}: {line}")
            return 1
        fault = fault_of(record)
        if fault:
            print(f"{fault}: {line}")
            return 1
        values += record["value"] > 0
    if values == 0:
        print("nothing was measured")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
