package io.weft.schedules;

import io.weft.config.Args;
import io.weft.config.Config;
import io.weft.config.Configured;
import io.weft.config.Entry;
import io.weft.tensor.DType;
import io.weft.tensor.Ops;
import io.weft.tensor.Tensor;
import io.weft.tensor.UnaryFunction;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * The schedules of Keras. The table {@link #entries} says once how each is named and which
 * arguments it reads; formulas: keras-formats.md 6.4. Rates are computed in float32.
 */
public final class FunctionSchedule extends Configured implements LearningRateSchedule {
  private static final List<Entry<LearningRateSchedule>> ENTRIES = new ArrayList<>();

  private final UnaryOperator<Tensor> rate;

  private FunctionSchedule(
      Entry<?> type, Config config, Function<Args, UnaryOperator<Tensor>> reader) {
    super(type, config);
    rate = reader.apply(args);
  }

  static {
    add(
        "ExponentialDecay",
        a -> {
          double start = a.number("initial_learning_rate");
          UnaryOperator<Tensor> decays = decays(a);
          double by = a.number("decay_rate");
          boolean stairs = staircase(a, "ExponentialDecay");
          return s -> Ops.power(scalar(by), stairs(decays.apply(s), stairs)).times(start);
        });
    add(
        "InverseTimeDecay",
        a -> {
          double start = a.number("initial_learning_rate");
          UnaryOperator<Tensor> decays = decays(a);
          double by = a.number("decay_rate");
          boolean stairs = staircase(a, "InverseTimeDecay");
          return s -> Ops.divide(start, stairs(decays.apply(s), stairs).times(by).plus(1));
        });
    addRaw("PiecewiseConstantDecay", FunctionSchedule::piecewise);
    add("PolynomialDecay", FunctionSchedule::polynomial);
    add("CosineDecay", FunctionSchedule::cosine);
    add("CosineDecayRestarts", FunctionSchedule::restarts);
  }

  private static boolean staircase(Args a, String name) {
    boolean stairs = a.bool("staircase", false);
    a.string("name", name);
    return stairs;
  }

  private static Tensor stairs(Tensor x, boolean on) {
    return on ? Ops.floor(x) : x;
  }

  private static double steps(Args a, String key) {
    double n = a.number(key);
    if (!(n > 0)) {
      throw a.refuse(key, "a positive number");
    }
    return n;
  }

  private static UnaryOperator<Tensor> decays(Args a) {
    double n = steps(a, "decay_steps");
    return s -> s.divide(n);
  }

  /** The steps are compared as integers, so boundaries lose their fractions. */
  private static UnaryOperator<Tensor> piecewise(Args a) {
    List<Double> bounds = numbers(a, "boundaries");
    List<Double> values = numbers(a, "values");
    a.string("name", "PiecewiseConstant");
    if (bounds.isEmpty() || bounds.size() != values.size() - 1) {
      throw a.refuse("values", "a list with one number more than boundaries has");
    }
    return s -> {
      Tensor rate = scalar(values.get(values.size() - 1));
      for (int i = bounds.size() - 1; i >= 0; i--) {
        rate = Ops.where(Ops.lessEqual(s, bounds.get(i).longValue()), values.get(i), rate);
      }
      return rate;
    };
  }

  private static List<Double> numbers(Args a, String key) {
    List<Double> out = new ArrayList<>();
    if (!(a.any(key, null) instanceof List<?> l)) {
      throw a.refuse(key, "a list of numbers");
    }
    for (Object o : l) {
      if (!(o instanceof Number n)) {
        throw a.refuse(key, "a list of numbers");
      }
      out.add(n.doubleValue());
    }
    return out;
  }

  private static UnaryOperator<Tensor> polynomial(Args a) {
    double start = a.number("initial_learning_rate");
    double n = steps(a, "decay_steps");
    double end = a.number("end_learning_rate", 1e-4);
    double power = a.number("power", 1.0);
    boolean cycle = a.bool("cycle", false);
    a.string("name", "PolynomialDecay");
    return s -> {
      Tensor ceil = Ops.unary(UnaryFunction.CEIL, s.divide(n));
      Tensor p =
          cycle
              ? s.divide(Ops.where(Ops.equal(s, 0), 1.0, ceil).times(n))
              : Ops.minimum(s, n).divide(n);
      Tensor span = scalar(start).minus(end);
      return span.times(Ops.power(Ops.oneMinus(p), power)).plus(end);
    };
  }

  private static Tensor cosine(Tensor share) {
    return Ops.cos(share.times(Math.PI)).plus(1);
  }

  private static UnaryOperator<Tensor> cosine(Args a) {
    double start = a.number("initial_learning_rate");
    double n = steps(a, "decay_steps");
    double alpha = a.number("alpha", 0.0);
    a.string("name", "CosineDecay");
    Double target = a.numberOrNull("warmup_target", null);
    double warm = a.has("warmup_steps") ? a.nonNegative("warmup_steps", 0) : 0;
    if (warm == 0) {
      a.note("warmup_steps", 0L);
    }
    if (target == null) {
      return s -> decayed(Ops.minimum(s, n).divide(n), alpha).times(start);
    }
    return s -> {
      Tensor at = Ops.minimum(s, n + warm);
      Tensor rise = at.divide(warm).times(scalar(target).minus(start)).plus(start);
      Tensor fall = decayed(at.minus(warm).divide(n), alpha).times(target);
      return Ops.where(Ops.less(at, warm), rise, fall);
    };
  }

  private static Tensor decayed(Tensor share, double alpha) {
    return cosine(share).times(0.5).times(1 - alpha).plus(alpha);
  }

  private static UnaryOperator<Tensor> restarts(Args a) {
    double start = a.number("initial_learning_rate");
    double first = steps(a, "first_decay_steps");
    double longer = a.number("t_mul", 2.0);
    double lower = a.number("m_mul", 1.0);
    double alpha = a.number("alpha", 0.0);
    a.string("name", "SGDRDecay");
    return s -> {
      Tensor f = s.divide(first);
      Tensor i;
      if ((float) longer == 1) {
        i = Ops.floor(f);
        f = f.minus(i);
      } else {
        Tensor t = scalar(longer);
        Tensor rest = Ops.oneMinus(t);
        i = Ops.floor(Ops.log(Ops.oneMinus(f.times(rest))).divide(Ops.log(t)));
        Tensor grown = Ops.power(t, i);
        f = f.minus(Ops.oneMinus(grown).divide(rest)).divide(grown);
      }
      Tensor wave = Ops.power(scalar(lower), i).times(0.5).times(cosine(f));
      return wave.times(Ops.oneMinus(scalar(alpha))).plus(alpha).times(start);
    };
  }

  private static Tensor scalar(double x) {
    return Tensor.scalar(x, DType.FLOAT32);
  }

  private static void add(String className, Function<Args, UnaryOperator<Tensor>> reader) {
    addRaw(
        className,
        a -> {
          UnaryOperator<Tensor> rate = reader.apply(a);
          return s -> rate.apply(Ops.cast(s, DType.FLOAT32));
        });
  }

  /** A schedule that is given the step as the integer it is. */
  private static void addRaw(String className, Function<Args, UnaryOperator<Tensor>> reader) {
    List<Entry<LearningRateSchedule>> self = new ArrayList<>();
    Entry<LearningRateSchedule> e =
        new Entry<>(
            LearningRateSchedule.class,
            "keras.optimizers.schedules",
            className,
            null,
            c -> new FunctionSchedule(self.get(0), c, reader));
    self.add(e);
    ENTRIES.add(e);
  }

  /** All schedules. */
  public static List<Entry<LearningRateSchedule>> entries() {
    return List.copyOf(ENTRIES);
  }

  @Override
  public Tensor at(Tensor step) {
    return rate.apply(step);
  }
}
