package io.weft.ops;

import io.weft.error.ConfigException;
import io.weft.tensor.DType;
import io.weft.tensor.HostArray;
import io.weft.tensor.Promotion;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The bound arguments of one call of a {@link PublicOp}, read by name with checks. */
public final class OpArgs {
  private final String function;
  private final Map<String, Object> args;

  OpArgs(String function, Map<String, Object> args) {
    this.function = function;
    this.args = args;
  }

  /** The name of the function that is called, for messages. */
  public String function() {
    return function;
  }

  public Object raw(String name) {
    return args.get(name);
  }

  public boolean isNull(String name) {
    return args.get(name) == null;
  }

  /** A tensor; numbers, booleans and nested lists of them are converted (float32, int32, bool). */
  public Tensor tensor(String name) {
    return toTensor(name, args.get(name));
  }

  /** A tensor or null. */
  public Tensor tensorOrNull(String name) {
    return isNull(name) ? null : tensor(name);
  }

  /** A tensor, or a host number or boolean left as it is so that it stays weak. */
  public Object operand(String name) {
    Object v = args.get(name);
    return v instanceof Number || v instanceof Boolean ? v : tensor(name);
  }

  /** A list of tensors. */
  public List<Tensor> tensors(String name) {
    Object v = args.get(name);
    if (v instanceof List<?> l) {
      List<Tensor> out = new ArrayList<>();
      for (Object o : l) {
        out.add(toTensor(name, o));
      }
      return out;
    }
    return List.of(tensor(name));
  }

  private Tensor toTensor(String name, Object v) {
    if (v instanceof Tensor t) {
      return t;
    }
    if (v instanceof Number || v instanceof Boolean) {
      return Promotion.convert(v, Promotion.ofHost(v));
    }
    if (v instanceof List<?> l) {
      return Nested.tensor(l);
    }
    throw refuse(name, "a tensor");
  }

  public boolean bool(String name) {
    Object v = args.get(name);
    if (v instanceof Boolean b) {
      return b;
    }
    throw refuse(name, "true or false");
  }

  public int integer(String name) {
    Object v = args.get(name);
    if (v instanceof Long || v instanceof Integer) {
      return checkedInt(name, ((Number) v).longValue());
    }
    if (v instanceof Tensor t && t.rank() == 0 && t.dtype().isInteger()) {
      return (int) t.toHostArray().longAt(0);
    }
    throw refuse(name, "an integer");
  }

  public Integer integerOrNull(String name) {
    return isNull(name) ? null : (Integer) integer(name);
  }

  public double number(String name) {
    Object v = args.get(name);
    if (v instanceof Number n) {
      return n.doubleValue();
    }
    if (v instanceof Tensor t && t.rank() == 0) {
      return t.item();
    }
    throw refuse(name, "a number");
  }

  public Double numberOrNull(String name) {
    return isNull(name) ? null : (Double) number(name);
  }

  public String string(String name) {
    Object v = args.get(name);
    if (v instanceof String s) {
      return s;
    }
    throw refuse(name, "a string");
  }

  public String stringOrNull(String name) {
    return isNull(name) ? null : string(name);
  }

  /** An int or a list of ints as an array; null stays null. */
  public int[] ints(String name) {
    Object v = args.get(name);
    if (v == null) {
      return null;
    }
    if (v instanceof int[] a) {
      return a;
    }
    if (v instanceof List<?> l) {
      int[] a = new int[l.size()];
      for (int i = 0; i < a.length; i++) {
        Object e = l.get(i);
        if (!(e instanceof Number n) || e instanceof Double) {
          throw refuse(name, "integers");
        }
        a[i] = checkedInt(name, n.longValue());
      }
      return a;
    }
    if (v instanceof Tensor t && t.dtype().isInteger()) {
      HostArray h = t.toHostArray();
      int[] a = new int[h.size()];
      for (int i = 0; i < a.length; i++) {
        a[i] = (int) h.longAt(i);
      }
      return a;
    }
    return new int[] {integer(name)};
  }

  /** {@link #ints} of an argument that may not be null. */
  public int[] requiredInts(String name) {
    int[] a = ints(name);
    if (a == null) {
      throw refuse(name, "an integer or integers");
    }
    return a;
  }

  /** Sizes: not negative, but −1 may stand for one that follows from the others. */
  public int[] sizes(String name) {
    int[] a = requiredInts(name);
    for (int d : a) {
      if (d < -1) {
        throw refuse(name, "sizes that are not negative, or -1");
      }
    }
    return a;
  }

  /** A shape whose sizes are all known. */
  public Shape shape(String name) {
    Shape s = Shape.of(sizes(name));
    if (!s.isKnown()) {
      throw refuse(name, "sizes that are not negative");
    }
    return s;
  }

  /** A list as it came: tensors, numbers, lists. */
  public List<?> list(String name) {
    if (args.get(name) instanceof List<?> l) {
      return l;
    }
    throw refuse(name, "a list");
  }

  /** The keyword arguments that no parameter names. */
  public Map<?, ?> keywords(String name) {
    if (args.get(name) instanceof Map<?, ?> m) {
      return m;
    }
    throw refuse(name, "keyword arguments");
  }

  /** A dtype by name, or null. */
  public DType dtype(String name) {
    return isNull(name) ? null : DType.of(string(name));
  }

  private int checkedInt(String name, long v) {
    if (v != (int) v) {
      throw refuse(name, "an integer of 32 bits");
    }
    return (int) v;
  }

  private ConfigException refuse(String name, String expected) {
    Object v = args.get(name);
    return new ConfigException(
        function + ": " + name + " must be " + expected + ". Received: " + name + "=" + v);
  }
}
