package io.weft.engine.op;

import io.weft.engine.thread.WorkerTeam;
import io.weft.tensor.DType;
import io.weft.tensor.Shape;
import java.util.List;

/**
 * Element-wise steps over one output shape, run tile by tile: each tile's inputs are loaded into
 * registers (broadcast and widened where needed), the steps run, the results are stored. One op is
 * a program of one step; a fused chain is a longer one with the same bits.
 */
final class TileProgram implements Kernel {
  static final int TILE = 1024;
  private static final int TASK = 16 * TILE;

  /** A loop over registers; b and c are null where there are fewer operands. */
  interface Loop {
    void run(Object a, int ao, Object b, int bo, Object c, int co, Object y, int yo, int n);
  }

  /** A loop with the registers it reads and the one it makes (a fresh one of this dtype). */
  record Step(Loop loop, int[] in, DType type) {}

  private final int size;
  private final TileInput[] inputs;
  private final Step[] steps;
  private final int[] outputs;

  /**
   * Registers 0…inputs−1 are the inputs, then one for each step.
   *
   * @param outputs register of each result, each made by a step
   */
  TileProgram(Shape shape, List<TileInput> inputs, List<Step> steps, int[] outputs) {
    this.size = shape.intSize();
    this.inputs = inputs.toArray(new TileInput[0]);
    this.steps = steps.toArray(new Step[0]);
    this.outputs = outputs;
  }

  @Override
  public void run(Object[] in, Object[] out) {
    if (size <= TASK) {
      run(in, out, 0, size);
      return;
    }
    WorkerTeam.shared()
        .parallel(
            (size + TASK - 1) / TASK, t -> run(in, out, t * TASK, Math.min(size, (t + 1) * TASK)));
  }

  private void run(Object[] in, Object[] out, int from, int to) {
    int k = inputs.length;
    int tile = Math.min(TILE, to - from);
    if (tile == 0) {
      return;
    }
    Object[] r = new Object[k + steps.length];
    int[] at = new int[r.length];
    for (int i = 0; i < k; i++) {
      r[i] = inputs[i].prepare(in[i], tile);
    }
    for (int i = 0; i < steps.length; i++) {
      r[k + i] = register(k + i, steps[i].type, out, tile);
    }
    for (int s = from; s < to; s += tile) {
      int n = Math.min(tile, to - s);
      for (int i = 0; i < k; i++) {
        at[i] = inputs[i].load(in[i], r[i], s, n);
      }
      for (int o : outputs) {
        at[o] = Registers.isDirect(steps[o - k].type) ? s : 0;
      }
      for (int i = 0; i < steps.length; i++) {
        step(steps[i], r, at, k + i, n);
      }
      for (int i = 0; i < outputs.length; i++) {
        int o = outputs[i];
        DType d = steps[o - k].type;
        if (r[o] != out[i]) {
          Registers.store(d, r[o], at[o], out[i], s, n);
        }
      }
    }
  }

  private Object register(int id, DType type, Object[] out, int tile) {
    for (int i = 0; i < outputs.length; i++) {
      if (outputs[i] == id && Registers.isDirect(type)) {
        return out[i];
      }
    }
    return Registers.allocate(Registers.kind(type), tile);
  }

  private static void step(Step s, Object[] r, int[] at, int to, int n) {
    int[] in = s.in;
    int a = in[0];
    int b = in.length > 1 ? in[1] : a;
    int c = in.length > 2 ? in[2] : a;
    s.loop.run(r[a], at[a], r[b], at[b], r[c], at[c], r[to], at[to], n);
    if (!Registers.isDirect(s.type)) {
      Registers.settle(s.type, r[to], at[to], n);
    }
  }
}
