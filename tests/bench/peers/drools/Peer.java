package patuh.peer;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.drools.model.codegen.ExecutableModelProject;
import org.kie.api.KieBase;
import org.kie.api.io.ResourceType;
import org.kie.api.runtime.ClassObjectFilter;
import org.kie.api.runtime.KieSession;
import org.kie.api.runtime.rule.FactHandle;
import org.kie.internal.utils.KieHelper;

/**
 * Drools under the rules of the workload, for run_peers.
 *
 * <p>Arguments: WORKLOAD, as `peer_ours dump` wrote it, and FILE, which receives the violations. Rules are
 * compiled to lambdas; each update names its property, so that only patterns which read it are matched
 * again; joins are indexed by Drools; a violation is inserted logically and goes with its support (live
 * queries in place of that, once warm, take an eighth longer). Before the session that is measured, the
 * whole workload is played through others, WARM_UPDATES updates and more.
 * `now` stands still at the end of the run: no rule falls due meanwhile.
 */
public final class Peer {
  private Peer() {}

  private record Write(String kind, int number, String[] fields) {}

  private record Workload(long now, List<String> rules, List<Write> births, List<Write> updates) {}

  private record Answer(double loadSeconds, double seconds, double p99, List<String> violations) {}

  private static final int WARM_UPDATES = 400_000;
  private static final OperatingSystemMXBean SYSTEM =
      (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

  public static void main(String[] arguments) throws Exception {
    Workload workload = read(Path.of(arguments[0]));
    KieBase base = new KieHelper().addContent(Rules.drl(workload.rules, workload.now), ResourceType.DRL)
        .build(ExecutableModelProject.class);
    for (int warm = 0; warm < WARM_UPDATES; warm += workload.updates.size()) play(base, workload);
    System.gc();
    Answer answer = play(base, workload);
    String text = answer.violations.stream().map(line -> line + "\n").collect(Collectors.joining());
    Files.writeString(Path.of(arguments[1]), text);
    byte[] hash = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
    System.out.printf(
        "{\"rules\":%d,\"updates\":%d,\"load_seconds\":%.6g,\"seconds\":%.6g,\"p99_us\":%.6g,"
            + "\"violations\":%d,\"violations_sha256\":\"%s\"}%n",
        workload.rules.size(), workload.updates.size(), answer.loadSeconds, answer.seconds, answer.p99,
        answer.violations.size(), HexFormat.of().formatHex(hash));
  }

  private static Workload read(Path path) throws IOException {
    Workload out = null;
    for (String line : Files.readAllLines(path)) {
      String[] words = line.split("\t");
      switch (words[0]) {
        case "now" -> out = new Workload(Long.parseLong(words[1]), new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        case "rule" -> out.rules.add(words[1]);
        case "upsert" -> out.births.add(write(words));
        default -> out.updates.add(write(words));
      }
    }
    return out;
  }

  private static Write write(String[] words) {
    return new Write(words[1], Integer.parseInt(words[2]), Arrays.copyOfRange(words, 3, words.length));
  }

  private static double cpuSeconds() {
    return SYSTEM.getProcessCpuTime() * 1e-9;
  }

  private record Known(Facts.Element element, FactHandle handle) {}

  private static Answer play(KieBase base, Workload workload) {
    KieSession session = base.newKieSession();
    double birth = cpuSeconds();
    Map<String, Map<Integer, Known>> all = new HashMap<>();
    for (Write write : workload.births) {
      Facts.Element element = Facts.element(write.kind, write.number);
      for (int i = 0; i < write.fields.length; i += 2) element.set(write.fields[i], write.fields[i + 1]);
      all.computeIfAbsent(write.kind, kind -> new HashMap<>())
          .put(write.number, new Known(element, session.insert(element)));
    }
    session.fireAllRules();
    double loaded = cpuSeconds();
    List<Known> changed = new ArrayList<>();
    for (Write write : workload.updates) changed.add(all.get(write.kind).get(write.number));
    double begin = cpuSeconds();
    long[] each = update(session, workload.updates, changed);
    double seconds = cpuSeconds() - begin;
    Arrays.sort(each);
    List<String> violations = violations(session);
    session.dispose();
    return new Answer(loaded - birth, seconds, each[each.length * 99 / 100] * 1e-3, violations);
  }

  private static long[] update(KieSession session, List<Write> updates, List<Known> changed) {
    long[] each = new long[updates.size()];
    long last = System.nanoTime();
    for (int i = 0; i < each.length; ++i) {
      Known known = changed.get(i);
      String[] fields = updates.get(i).fields;
      known.element.set(fields[0], fields[1]);
      session.update(known.handle, known.element, fields[0]);
      session.fireAllRules();
      long at = System.nanoTime();
      each[i] = at - last;
      last = at;
    }
    return each;
  }

  private static List<String> violations(KieSession session) {
    return session.getObjects(new ClassObjectFilter(Facts.Violation.class)).stream()
        .map(object -> (Facts.Violation) object)
        .map(it -> it.rule() + "|" + it.rule().substring(0, it.rule().indexOf('-')) + "/element-" + it.element())
        .sorted().toList();
  }
}
