package io.weft.engine.op;

import io.weft.engine.kernel.ElementKernel;
import io.weft.engine.op.Registers.Kind;
import io.weft.engine.thread.WorkerTeam;
import io.weft.engine.tier.KernelTier;
import io.weft.tensor.DType;
import io.weft.tensor.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Element-wise steps over one output shape, run tile by tile: each tile's inputs are loaded into
 * registers (broadcast and widened where needed), the steps run, the results are stored. One op is
 * a program of one step; a fused chain is a longer one with the same bits. A register is a result's
 * own array, an input's own array, or a tile that is used again once nobody reads it any more.
 * Results that are summed over leading axes are added up tile by tile and never stored.
 */
final class TileProgram implements Kernel {
  static final int TILE = 1024;
  private static final int TILES_PER_TASK = 16;

  /** A loop over registers; b and c repeat a where there are fewer operands. */
  interface Loop {
    void run(Object a, int ao, Object b, int bo, Object c, int co, Object y, int yo, int n);
  }

  /** A loop with the registers it reads and the one it makes (a fresh one of this dtype). */
  record Step(Loop loop, int[] in, DType type) {}

  private final int size;
  private final TileInput[] inputs;
  private final Step[] steps;
  private final int[] outputs;
  private final TileSums sums;

  /** Elements of a tile; rows that are repeated or added fit into it a whole number of times. */
  private final int largest;

  private final int task;
  private volatile Registry registry; // of the first run: until then machine code need not be ready

  /**
   * Where registers lie.
   *
   * @param copying whether they are tiles only, so that all loops run from 0: plain loops want that
   * @param tiles tile of each step, or −1 − i where the step writes straight into result i
   */
  private record Registry(boolean copying, int[] tiles, Kind[] kinds) {}

  /**
   * Registers 0…inputs−1 are the inputs, then one for each step.
   *
   * @param outputs register of each result, made by a step if it is stored
   * @param widths of each result, how many sums over leading axes it is added to, or 0
   */
  TileProgram(Shape shape, List<TileInput> inputs, List<Step> steps, int[] outputs, int[] widths) {
    this.size = shape.intSize();
    this.inputs = inputs.toArray(new TileInput[0]);
    this.steps = steps.toArray(new Step[0]);
    this.outputs = outputs;
    boolean summing = Arrays.stream(widths).anyMatch(w -> w > 0);
    int rows = summing ? rows(shape) : 1;
    for (TileInput i : inputs) {
      int p = i.period();
      rows = p % rows == 0 ? p : rows;
    }
    this.largest = TILE / rows * rows;
    this.task = TILES_PER_TASK * largest;
    this.sums = new TileSums(widths, (size + task - 1) / task);
  }

  /**
   * The largest rows that fit into a tile: those of all sums and repeated inputs are parts of them.
   * They follow from the shape alone, so a sum is added in one order whatever is computed with it.
   */
  private static int rows(Shape shape) {
    long rows = 1;
    for (int i = shape.rank() - 1; i >= 0 && rows * shape.dim(i) <= TILE; i--) {
      rows *= shape.dim(i);
    }
    return (int) rows;
  }

  private Registry registry() {
    Registry r = registry;
    if (r == null) {
      boolean floats = Arrays.stream(steps).anyMatch(s -> Registers.kind(s.type) == Kind.FLOAT);
      boolean plain =
          floats
              ? ElementKernel.of(Math.min(size, largest)).wantsOneOffset()
              : KernelTier.inJava() == KernelTier.SCALAR;
      boolean direct = Arrays.stream(inputs).allMatch(TileInput::isDirect);
      r = assign(plain && !(steps.length <= 1 && direct));
      registry = r;
    }
    return r;
  }

  /** Gives steps their tiles; one is free again after the last step that reads it. */
  private Registry assign(boolean copying) {
    int k = inputs.length;
    int[] tiles = new int[steps.length];
    int[] last = new int[k + steps.length];
    for (int i = 0; i < steps.length; i++) {
      for (int r : steps[i].in) {
        last[r] = i;
      }
    }
    int[] result = new int[last.length];
    Arrays.fill(result, -1);
    for (int i = 0; i < outputs.length; i++) {
      if (!sums.takes(i)) {
        result[outputs[i]] = i;
      }
      last[outputs[i]] = Integer.MAX_VALUE;
    }
    List<Kind> kinds = new ArrayList<>();
    List<Integer> free = new ArrayList<>();
    for (int i = 0; i < steps.length; i++) {
      for (int r : Arrays.stream(steps[i].in).distinct().toArray()) {
        if (r >= k && last[r] == i && tiles[r - k] >= 0) {
          free.add(tiles[r - k]);
        }
      }
      DType d = steps[i].type;
      if (result[k + i] >= 0 && Registers.isDirect(d) && !copying) {
        tiles[i] = -1 - result[k + i];
        continue;
      }
      Kind kind = Registers.kind(d);
      int found = -1;
      for (int t : free) {
        found = kinds.get(t) == kind ? t : found;
      }
      if (found >= 0) {
        free.remove((Integer) found);
      } else {
        kinds.add(kind);
        found = kinds.size() - 1;
      }
      tiles[i] = found;
    }
    return new Registry(copying, tiles, kinds.toArray(new Kind[0]));
  }

  /** Where an input is read element by element, and not after the result is written. */
  @Override
  public boolean mayOverwrite(int input, int output) {
    if (!inputs[input].isSame() || sums.takes(output)) {
      return false;
    }
    for (int i = outputs[output] - inputs.length + 1; i < steps.length; i++) {
      for (int r : steps[i].in) {
        if (r == input) {
          return false;
        }
      }
    }
    return true;
  }

  @Override
  public boolean countsBySpecs() {
    return true;
  }

  @Override
  public void run(Object[] in, Object[] out) {
    Object[] results = sums.begin(out);
    if (size <= task) {
      run(in, results, 0, size);
    } else {
      WorkerTeam.shared()
          .parallel(
              (size + task - 1) / task,
              t -> run(in, results, t * task, Math.min(size, (t + 1) * task)));
    }
    sums.end(results, out);
  }

  private void run(Object[] in, Object[] out, int from, int to) {
    int k = inputs.length;
    int tile = Math.min(largest, to - from);
    if (tile == 0) {
      return;
    }
    Registry registry = registry();
    int[] tiles = registry.tiles;
    Object[] r = new Object[k + steps.length];
    int[] at = new int[r.length];
    for (int i = 0; i < k; i++) {
      r[i] = inputs[i].prepare(in[i], tile, registry.copying, largest);
    }
    Object[] scratch = new Object[registry.kinds.length];
    for (int i = 0; i < scratch.length; i++) {
      scratch[i] = Registers.take(registry.kinds[i], tile);
    }
    for (int i = 0; i < steps.length; i++) {
      r[k + i] = tiles[i] < 0 ? out[-1 - tiles[i]] : scratch[tiles[i]];
    }
    for (int s = from; s < to; s += tile) {
      int n = Math.min(tile, to - s);
      for (int i = 0; i < k; i++) {
        at[i] = inputs[i].load(in[i], r[i], s, n, largest);
      }
      for (int i = 0; i < steps.length; i++) {
        at[k + i] = tiles[i] < 0 ? s : 0;
        step(steps[i], r, at, k + i, n);
      }
      for (int i = 0; i < outputs.length; i++) {
        int o = outputs[i];
        if (sums.takes(i)) {
          sums.add(i, (float[]) r[o], at[o], n, (float[]) out[i], from / task);
        } else if (r[o] != out[i]) {
          Registers.store(steps[o - k].type, r[o], at[o], out[i], s, n);
        }
      }
    }
    for (Object o : scratch) {
      Registers.give(o);
    }
    for (int i = 0; i < k; i++) {
      if (r[i] != in[i]) {
        Registers.give(r[i]);
      }
    }
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
