"""The rows of README.md's table of shapes, from what `./run bench peers` prints on standard input:

    PATUH_BENCH_PEERS=cel-go ./run bench peers | python3 tests/bench/shape_table.py
"""

import json
import sys


def main():
    for line in sys.stdin:
        row = json.loads(line) if line.startswith("{") else {}
        if not row.get("name", "").startswith("peers/expr/"):
            continue
        ours, (go, hand) = row["value"], (one["value"] for one in row["beside"])
        print(f"| {row['name'].rpartition('/')[2]} | {ours:.1f} | {hand:.1f} | {go:.0f} | {go / ours:.1f} | {ours / hand:.1f} |")


if __name__ == "__main__":
    main()
