package io.weft.conformance;

import io.weft.config.Config;
import io.weft.config.Configurable;
import io.weft.config.Entry;
import io.weft.config.Learner;
import io.weft.config.Registry;
import io.weft.error.ConfigException;
import io.weft.layer.Layer;
import io.weft.serialization.json.JsonCodec;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Parameters of the systems' classes: names, values, signatures, texts, files. */
final class LearnerReplay {
  private LearnerReplay() {}

  static void replay(CaseFile c, Comparison compare) {
    Object init = c.get("init");
    Learner learner =
        init instanceof String expression
            ? (Learner) constructed(expression)
            : (Learner)
                SystemReplay.entry(c, Configurable.class)
                    .create(init instanceof Config config ? config : Config.EMPTY);
    if (learner instanceof Layer layer) {
      learner = SystemReplay.asRecorded(c, layer);
    }
    if (Boolean.FALSE.equals(c.get("has_learner"))) {
      return; // the original has no such methods here; ours have them everywhere
    }
    signatures(c, compare, learner);
    values(c, compare, learner);
    changes(c, compare, learner);
    files(c, compare, learner);
  }

  /** Positional parameters of the classes that constructor calls in cases name. */
  private static final Map<String, List<String>> POSITIONAL =
      Map.of(
          "MultiObjectiveLoss", List.of("quantile_loss_fn", "anomaly_loss_fn"),
          "AdaptiveQuantileLoss", List.of("quantiles"),
          "AnomalyLoss", List.of("weight"));

  /** The object of a Python call such as {@code A(B('auto'), C(2.0))}. */
  private static Object constructed(String call) {
    int open = call.indexOf('(');
    if (open < 0) {
      return call.startsWith("'") ? call.substring(1, call.length() - 1) : Double.valueOf(call);
    }
    String name = call.substring(0, open);
    if (!POSITIONAL.containsKey(name)) {
      throw new Skip("a constructor call that is not understood: " + call);
    }
    Config config = Config.EMPTY;
    int depth = 0;
    int start = open + 1;
    for (int i = start; i < call.length(); i++) {
      char ch = call.charAt(i);
      if (depth == 0 && (ch == ',' || ch == ')')) {
        String key = POSITIONAL.get(name).get(config.size());
        config = config.with(key, constructed(call.substring(start, i).strip()));
        start = i + 1;
      }
      depth += ch == '(' ? 1 : ch == ')' ? -1 : 0;
    }
    Entry<?> entry =
        Registry.standard().find(Configurable.class, "fusionlab.nn.components>" + name);
    if (entry == null) {
      throw new Skip(name + " is not in this version");
    }
    return entry.create(config);
  }

  /** The newest signatures are ours; older ones may lack parameters. */
  private static void signatures(CaseFile c, Comparison compare, Learner learner) {
    boolean newest = String.valueOf(c.get("source")).contains(" 0.5");
    if (newest) {
      equal(compare, "my_params", learner.myParams(), c.get("my_params"));
      // a method that a base class defines is named after that
      String call = callParams(learner);
      if (call != null && c.get("call_my_params") instanceof String want) {
        equal(compare, "call_my_params", afterDot(call), afterDot(want));
      }
    } else if (c.get("my_params") instanceof String want) {
      List<String> ours = parts(learner.myParams());
      ours.retainAll(parts(want));
      compare.require(
          ours.equals(parts(want)),
          "my_params: " + parts(want) + " in this order expected, " + learner.myParams() + " came");
    }
  }

  private static String callParams(Learner learner) {
    if (learner instanceof Layer l) {
      return l.callParams();
    }
    return SystemFunctionReplay.callParams(learner);
  }

  private static String afterDot(String signature) {
    return signature.substring(signature.indexOf('.') + 1);
  }

  private static List<String> parts(String signature) {
    String inside = signature.substring(signature.indexOf('(') + 1, signature.lastIndexOf(')'));
    List<String> out = new ArrayList<>();
    Arrays.stream(inside.split(",\\s*")).map(String::strip).forEach(out::add);
    out.removeIf(String::isEmpty);
    return out;
  }

  private static void values(CaseFile c, Comparison compare, Learner learner) {
    Map<String, Object> shallow = learner.getParams(false);
    names(compare, "param_names", List.copyOf(shallow.keySet()), result(c, "param_names"), c);
    if (result(c, "get_params_shallow") instanceof Config want) {
      want.asMap()
          .forEach(
              (k, v) -> {
                // an object is recorded as its class in angle brackets, a map as far as it is set
                if (v != null && !String.valueOf(v).startsWith("<") && !(v instanceof Config)) {
                  equal(compare, "get_params." + k, shallow.get(k), v);
                }
              });
    }
    List<String> deep = List.copyOf(learner.getParams(true).keySet());
    names(compare, "get_params_deep_keys", deep, result(c, "get_params_deep_keys"), c);
    if (result(c, "summary") instanceof String text && !text.contains("None")) {
      String ours =
          learner instanceof Layer layer ? layer.summary() : learner.parameters().summary();
      equal(compare, "summary", only(ours, result(c, "param_names")), plain(text));
    }
  }

  /** TensorFlow wraps lists and maps that models hold. */
  private static String plain(String text) {
    return text.replaceAll("(?:List|Dict)Wrapper\\(([^()]*)\\)", "$1");
  }

  /** The lines of a summary that are of these parameters. */
  private static String only(String summary, Object names) {
    List<String> lines = new ArrayList<>(Arrays.asList(summary.split("\n", -1)));
    if (names instanceof List<?> known && !known.isEmpty()) {
      lines.removeIf(l -> l.contains(": ") && !known.contains(l.substring(0, l.indexOf(": "))));
    }
    return String.join("\n", lines);
  }

  private static void names(
      Comparison compare, String what, List<String> ours, Object want, CaseFile c) {
    if (!(want instanceof List<?> expected)) {
      return;
    }
    List<String> got = new ArrayList<>(ours);
    if (!String.valueOf(c.get("source")).contains(" 0.5")) {
      got.removeIf(n -> !expected.contains(n));
    }
    compare.require(got.equals(expected), what + ": " + expected + " expected, " + ours + " came");
  }

  private static void changes(CaseFile c, Comparison compare, Learner learner) {
    if (c.has("set_params_unknown")) {
      try {
        learner.setParams(Map.of("nonsense", 1));
        compare.fail("set_params_unknown: to be refused, was accepted");
      } catch (ConfigException e) {
        compare.require(
            e.getMessage().contains("nonsense"), "set_params_unknown: the name is not named");
      }
    }
    if (Boolean.TRUE.equals(result(c, "set_params_empty_returns_self"))) {
      compare.require(
          learner.setParams(Map.of()) == learner, "set_params_empty_returns_self: another came");
    }
    if (result(c, "set_params_nested") instanceof Number n) {
      Learner changed = learner.setParams(Map.of("anomaly_loss_fn__weight", n));
      Object got = changed.getParams(true).get("anomaly_loss_fn__weight");
      compare.require(
          got instanceof Number g && g.doubleValue() == n.doubleValue(),
          "set_params_nested: " + n + " expected, " + got + " came");
    }
  }

  /**
   * A file that is written can be read back (the original's cannot); what it refuses, we refuse.
   */
  private static void files(CaseFile c, Comparison compare, Learner learner) {
    if (!(c.get("save") instanceof Config save) || save.isEmpty()) {
      return;
    }
    if (save.has("no_path")) {
      try {
        learner.saveParams(null, true);
        compare.fail("save.no_path: to be refused, was accepted");
      } catch (ConfigException e) {
        compare.require(e.getMessage() != null, "save.no_path: no message");
      }
    }
    refusesExisting(compare, learner, c.folder());
    String json = JsonCodec.write(Config.copyOf(learner.getParams(true)));
    Object read = Registry.standard().restore(JsonCodec.read(c.name(), json), c.name());
    Learner again = learner.setParams(((Config) read).asMap());
    compare.require(
        again.getParams(true).keySet().equals(learner.getParams(true).keySet())
            && config(again).equals(config(learner)),
        "save.json: " + config(learner) + " expected back, " + config(again) + " came");
  }

  private static void refusesExisting(Comparison compare, Learner learner, Path file) {
    try {
      learner.saveParams(file, false);
      compare.fail("save.json_existing: to be refused, was accepted");
    } catch (UncheckedIOException e) {
      compare.require(
          e.getMessage().contains(file.toString()), "save.json_existing: the file is not named");
    }
  }

  /** The parameters; inner objects as what files hold. */
  private static Config config(Learner learner) {
    return Config.copyOf(new LinkedHashMap<>(learner.getParams(false))).pure();
  }

  private static Object result(CaseFile c, String key) {
    return c.get(key) instanceof Config r ? r.get("result") : null;
  }

  private static void equal(Comparison compare, String what, Object got, Object want) {
    if (want != null) {
      Object pure = Config.pure(Config.normal(got));
      compare.require(want.equals(pure), what + ": " + want + " expected, " + pure + " came");
    }
  }
}
