package io.weft.tensor;

import java.util.Arrays;
import java.util.List;

/**
 * What a derivative may look at: inputs, outputs, incoming gradients, and which ones are wanted.
 */
public final class Vjp {
  private final List<Tensor> in;
  private final List<Tensor> out;
  private final Tensor[] dout;
  private final boolean[] needs;

  public Vjp(List<Tensor> in, List<Tensor> out, Tensor[] dout, boolean[] needs) {
    this.in = in;
    this.out = out;
    this.dout = dout;
    this.needs = needs;
  }

  public int inputs() {
    return in.size();
  }

  public Tensor in(int i) {
    return in.get(i);
  }

  public Tensor out(int i) {
    return out.get(i);
  }

  /** The gradient of output {@code i}; zeros where nothing depends on it. */
  public Tensor dout(int i) {
    if (dout[i] == null) {
      dout[i] = Ops.zeros(out.get(i).shape(), out.get(i).dtype());
    }
    return dout[i];
  }

  /** True when something depends on output {@code i}. */
  public boolean hasDout(int i) {
    return dout[i] != null;
  }

  /** True when the gradient of input {@code i} is wanted. */
  public boolean needs(int i) {
    return needs[i];
  }

  /** The first gradient given, no gradient for the other inputs. */
  public List<Tensor> only(Tensor first) {
    Tensor[] g = new Tensor[in.size()];
    g[0] = first;
    return Arrays.asList(g);
  }
}
