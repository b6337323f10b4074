"""CEL's public conformance suite through `patuhctl expr --conformance`: every case but the ones of skipped.txt.

    run_suite.py PATUHCTL FOLDER

FOLDER holds the package of package.json in node_modules; ./run test puts it there.
"""
import pathlib
import re
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
CASES_MIN = 1600


def fail(message):
    print(message, file=sys.stderr)
    sys.exit(1)


def converted(folder):
    node = shutil.which("node") or shutil.which("nodejs")
    if node is None:
        fail("node is missing; ./run test installs it, or: apt-get install nodejs")
    if not (folder / "node_modules/@bufbuild/cel-spec").is_dir():
        fail(f"{folder} has no package @bufbuild/cel-spec; ./run test fetches it, which needs the npm registry")
    done = subprocess.run([node, HERE / "convert.js", folder, HERE / "skipped.txt"], capture_output=True, text=True)
    print(done.stderr, end="")
    if done.returncode != 0:
        fail("the suite could not be converted")
    return done.stdout


def main():
    patuhctl, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    done = subprocess.run([patuhctl, "expr", "--conformance", "-"], input=converted(folder), capture_output=True,
                          text=True)
    print(done.stdout, end="")
    print(done.stderr, end="", file=sys.stderr)
    counts = re.search(r"^(\d+) passed, (\d+) failed, (\d+) skipped$", done.stdout, re.M)
    if counts is None:
        fail(f"patuhctl ended with status {done.returncode} and without its counts")
    passed, failed, skipped = (int(n) for n in counts.groups())
    if failed or done.returncode != 0:
        fail(f"{failed} cases failed")
    if skipped:
        fail(f"{skipped} cases were skipped that skipped.txt does not name")
    if passed < CASES_MIN:
        fail(f"only {passed} cases were run, at least {CASES_MIN} are known")


main()
