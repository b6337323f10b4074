package patuh.peer;

import java.util.List;

/** The workload's rules in Drools' language, by their ids: kind-family-bound. */
final class Rules {
  private Rules() {}

  private static final long DAY_MS = 86_400_000;

  static String drl(List<String> ids, long now) {
    StringBuilder out = new StringBuilder("package patuh.peer.rules;\n");
    for (String type : List.of("App", "Part", "Svc", "Dinas", "Violation")) {
      out.append("import patuh.peer.Facts.").append(type).append(";\n");
    }
    for (String id : ids) {
      out.append("rule \"").append(id).append("\" when\n  ").append(condition(id, now)).append("\nthen\n  ");
      out.append("insertLogical(new Violation(\"").append(id).append("\", $e.getId()));\nend\n");
    }
    return out.toString();
  }

  private static String condition(String id, long now) {
    String[] words = id.split("-");
    String kind = Character.toUpperCase(words[0].charAt(0)) + words[0].substring(1);
    int bound = Integer.parseInt(words[2]);
    return switch (words[1]) {
      case "floor" -> "$e: %s(n0 <= %d)".formatted(kind, bound);
      case "live" -> "$e: %s(status == \"live\", n1 <= %d, f == false)".formatted(kind, bound);
      case "until" -> "$e: %s(until <= %dL)".formatted(kind, now + bound * DAY_MS);
      case "one" -> "$e: %s(n2 > %d, $o: one) not App(id == $o)".formatted(kind, bound);
      case "ones_floor" -> "$e: %s(n3 > %d, $o: one) App(id == $o, n0 <= 10)".formatted(kind, bound);
      case "parts" -> "$e: %s($p: parts) not Part(id == $p, n0 > %d)".formatted(kind, bound);
      case "served" -> "$e: App($i: id) exists Svc(one == $i, n1 <= %d)".formatted(bound - 20);
      case "same" -> ("$e: %s(status == \"plan\", $i: id, $c: code) "
          + "accumulate(%s(code == $c, id != $i); $n: count(1); $n >= %d)").formatted(kind, kind, bound);
      case "agency" -> "$e: %s(n4 > %d, $o: owner) Dinas(id == $o, g == true)".formatted(kind, bound);
      default -> throw new IllegalArgumentException(id);
    };
  }
}
