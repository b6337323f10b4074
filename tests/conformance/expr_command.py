"""patuhctl expr as a shell sees it: output, complaints with their place, exit status; and the prompt on a terminal.

    expr_command.py PATUHCTL
"""
import json
import os
import pathlib
import pty
import select
import subprocess
import sys
import tempfile
import unittest

PATUHCTL = pathlib.Path(sys.argv.pop(1)).resolve()


def expr(*arguments, given=None):
    done = subprocess.run([PATUHCTL, "expr", *arguments], input=given, capture_output=True, text=True)
    return done.returncode, done.stdout, done.stderr


class Command(unittest.TestCase):
    def test_a_value_is_status_0(self):
        self.assertEqual(expr("[1, 2].map(x, x * 2)"), (0, "[2, 4]\n", ""))

    def test_false_is_a_finding(self):
        self.assertEqual(expr("[1].size() > 1"), (1, "false\n", ""))

    def test_data_gives_names_and_types(self):
        with tempfile.NamedTemporaryFile("w", suffix=".json") as data:
            json.dump({"users": [{"age": 17}, {"age": 30}], "nama": "é"}, data)
            data.flush()
            self.assertEqual(expr("users.filter(u, u.age > 17).size()", "--data", data.name), (0, "1\n", ""))
            status, _, said = expr("nama > 3", "--data", data.name)
            self.assertEqual(status, 2)
            self.assertIn("> does not order string and int [EXPR-COMPARISON]", said)

    def test_data_from_standard_input(self):
        self.assertEqual(expr("a + 1", "--data", "-", given='{"a": 41}'), (0, "42\n", ""))

    def test_a_wrong_expression_is_shown_with_a_caret(self):
        status, out, said = expr("1 + 'a'")
        self.assertEqual((status, out), (2, ""))
        self.assertEqual(said.splitlines()[:3], [
            "expression:1:3: error: + does not join int and string [EXPR-TYPE]", "  | 1 + 'a'", "  |   ^"])

    def test_what_cannot_be_decided_is_status_3(self):
        status, out, said = expr("[1, 2][5] == 1")
        self.assertEqual((status, out), (3, ""))
        self.assertIn("expression:1:1: error: index out of range [EXPR-UNDETERMINED]", said)

    def test_an_endless_expression_ends(self):
        status, _, said = expr("lists.range(1000).all(a, lists.range(1000).all(b, lists.range(1000).all(c, a + b + c >= 0)))")
        self.assertEqual(status, 3)
        self.assertIn("more than its budget", said)

    def test_now_can_be_given(self):
        self.assertEqual(expr("now.getFullYear()", "--now", "2031-05-01T00:00:00Z"), (0, "2031\n", ""))
        self.assertEqual(expr("now.getFullYear()", "--now", "soon")[0], 2)

    def test_missing_data_is_usage(self):
        status, _, said = expr("a", "--data", "/nowhere.json")
        self.assertEqual(status, 2)
        self.assertIn("/nowhere.json", said)

    def test_without_an_expression_lines_are_read(self):
        status, out, said = expr(given="1 + 1\n\n'x'\n[1].size() > 1\n")
        self.assertEqual((status, out, said), (1, "2\n'x'\nfalse\n", ""))

    def test_a_suite_is_counted_and_failures_named(self):
        lines = [{"name": "good", "expr": "x + 1", "bindings": {"x": {"int64Value": "3"}}, "value": {"int64Value": "4"}},
                 {"name": "kind", "expr": "1", "bindings": {}, "value": {"uint64Value": "1"}},
                 {"name": "fails", "expr": "1 / 0", "bindings": {}, "error": "divide by zero"},
                 {"name": "none", "expr": "1 / 1", "bindings": {}, "error": "divide by zero"},
                 {"name": "large", "expr": "1e300", "bindings": {}, "value": {"doubleValue": 1e300}},
                 {"name": "message", "expr": "a.B{}", "bindings": {}, "value": {"objectValue": {"@type": "a.B"}}}]
        given = "".join(json.dumps(line) + "\n" for line in lines)
        status, out, _ = expr("--conformance", "-", given=given)
        self.assertEqual(status, 1)
        self.assertEqual(out.splitlines(), ["failed kind: plain: expected 1u, got 1",
                                            "failed none: plain: an error was expected, not 1",
                                            "3 passed, 2 failed, 1 skipped"])

    def test_a_broken_line_is_named(self):
        status, _, said = expr("--conformance", "-", given='{"name": "a", "expr": "1", "value": {"int64Value": "1"}}\nx\n')
        self.assertEqual(status, 2)
        self.assertIn("-:2: ", said)


class Prompt(unittest.TestCase):
    def ask(self, home, keys, until):
        """What the terminal shows once `until` stands there."""
        child, terminal = pty.fork()
        if child == 0:
            os.environ.update(HOME=home, XDG_STATE_HOME=home, TERM="xterm")
            os.execv(PATUHCTL, [PATUHCTL, "expr"])
        shown = self.read(terminal, b"expr> ")
        os.write(terminal, keys)
        shown += self.read(terminal, until)
        if not shown.endswith(b"expr> "):
            shown += self.read(terminal, b"expr> ")
        self.end(terminal)
        os.close(terminal)
        os.waitpid(child, 0)
        return shown

    def read(self, terminal, until):
        """What comes up to `until`, to the end, or to ten seconds of silence."""
        shown = b""
        while until not in shown and select.select([terminal], [], [], 10)[0]:
            try:
                piece = os.read(terminal, 1024)
            except OSError:  # the other side is closed
                return shown
            if not piece:
                return shown
            shown += piece
        return shown

    def end(self, terminal):
        """Ctrl-D until the other side closes: libedit shows its prompt a moment before it leaves
        the terminal's own line mode, and a Ctrl-D typed in that moment becomes a letter of the
        line. Ctrl-U takes it away."""
        for _ in range(50):
            try:
                os.write(terminal, b"\x15\x04")
                while select.select([terminal], [], [], 0.2)[0]:
                    if not os.read(terminal, 1024):
                        return
            except OSError:  # the other side is closed
                return
        self.fail("Ctrl-D does not end the prompt")

    def test_it_keeps_a_history_between_runs(self):
        with tempfile.TemporaryDirectory() as home:
            self.assertIn(b"1764", self.ask(home, b"42 * 42\n", b"1764"))
            up_and_return = b"\x10\n"
            self.assertIn(b"1764", self.ask(home, up_and_return, b"1764"))


unittest.main()
