package io.weft.machinecode.winograd;

import io.weft.engine.gemm.Epilogue;
import io.weft.engine.gemm.PackedB;
import io.weft.engine.kernel.WinogradKernel;
import io.weft.engine.thread.Scratch;
import io.weft.machinecode.asm.Isa;
import io.weft.machinecode.gemm.MachineGemmKernel;
import io.weft.machinecode.memory.CodeMemory;
import io.weft.machinecode.memory.Frame;
import io.weft.machinecode.memory.NativeCall;
import io.weft.machinecode.memory.OffHeap;
import io.weft.machinecode.memory.Tail;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Objects;

/**
 * Winograd's F(2×2, 3×3) in machine code. Blocks of tiles are transformed, multiplied and
 * transformed back while they are in the second cache. The image is read where it lies: tiles at
 * its edges have kernels of their own, assembled and tried when the first such tile comes.
 */
public final class MachineWinogradKernel implements WinogradKernel {
  private static final Logger LOG = System.getLogger(MachineWinogradKernel.class.getName());
  private static final String FAILED = "kernels: no machine code for tiles of a convolution";
  private static final int BLOCK = 1 << 18; // bytes of V and M of a block
  private static final int FEWEST = 28; // tiles of a block, for the products
  private static final int LINE = 64;

  /** In place of the address of a kernel that cannot serve. */
  static final long NONE = -1;

  private final Isa isa;
  private final MachineGemmKernel products;
  private final long[] inputs = new long[Tile.KINDS];
  private final long[] outputs = new long[4];

  /** Assembles nothing yet. */
  public MachineWinogradKernel(Isa isa, MachineGemmKernel products) {
    this.isa = isa;
    this.products = products;
  }

  /** The address of the kernel for the input of such tiles, or {@link #NONE}. */
  long input(Tile tile) {
    synchronized (inputs) {
      int key = tile.key();
      if (inputs[key] == 0) {
        inputs[key] = NONE;
        try {
          long address = CodeMemory.install(List.of(InputCode.assemble(isa, tile)))[0];
          WinogradSelfTest.input(isa, tile, address);
          inputs[key] = address;
        } catch (IllegalStateException | UnsupportedOperationException e) {
          LOG.log(Level.WARNING, FAILED, e);
        }
      }
      return inputs[key];
    }
  }

  /** The address of the kernel for so many outputs of a tile, or {@link #NONE}. */
  long output(int rows, int columns) {
    synchronized (outputs) {
      int key = 2 * rows + columns - 3;
      if (outputs[key] == 0) {
        outputs[key] = NONE;
        try {
          long address = CodeMemory.install(List.of(OutputCode.assemble(isa, rows, columns)))[0];
          WinogradSelfTest.output(isa, rows, columns, address);
          outputs[key] = address;
        } catch (IllegalStateException | UnsupportedOperationException e) {
          LOG.log(Level.WARNING, FAILED, e);
        }
      }
      return outputs[key];
    }
  }

  @Override
  public boolean lines(
      Image g,
      int from,
      int to,
      float[] x,
      int xo,
      PackedB filter,
      float[] y,
      int yo,
      Epilogue.Simple last) {
    int down = (g.outH() + 1) / 2;
    int across = (g.outW() + 1) / 2;
    Objects.checkFromToIndex(from, to, down);
    Objects.checkFromIndexSize(xo, (long) g.inH() * g.inW() * g.channels(), (long) x.length);
    Objects.checkFromIndexSize(yo, (long) g.outH() * g.outW() * g.filters(), (long) y.length);
    if (filter.k() != POINTS * g.channels() || filter.n() != g.filters()) {
      throw new IllegalArgumentException(
          "WinogradKernel: expected a filter of "
              + POINTS * g.channels()
              + " × "
              + g.filters()
              + ". Received: "
              + filter.k()
              + " × "
              + filter.n());
    }
    int most = Math.max(FEWEST, BLOCK / (POINTS * Float.BYTES * (g.channels() + g.filters())));
    int lines = Math.max(1, Math.min(to - from, most / across));
    int parts = (across + most - 1) / most;
    int columns = (across + parts - 1) / parts;
    long stepV = distance((long) lines * columns * g.channels());
    long stepM = distance((long) lines * columns * g.filters());
    float[] parameters = last == null ? null : Scratch.take(3 * g.filters());
    MemorySegment v = OffHeap.take(POINTS * stepV);
    MemorySegment m = OffHeap.take(POINTS * stepM);
    try {
      if (last != null) {
        last.copy(0, g.filters(), parameters);
      }
      for (int i = from; i < to; i += lines) {
        for (int j = 0; j < across; j += columns) {
          Block block = new Block(i, Math.min(to, i + lines), j, Math.min(across, j + columns));
          if (!block.input(this, g, x, xo, v, stepV)) {
            return false;
          }
          products.multiplyEach(POINTS, block.tiles(), g.channels(), v, stepV, filter, m, stepM);
          if (!block.output(this, g, m, stepM, y, yo, last, parameters)) {
            return false;
          }
        }
      }
      return true;
    } finally {
      OffHeap.give(m);
      OffHeap.give(v);
      Scratch.give(parameters);
    }
  }

  /** Bytes from a point to the next: an odd number of lines, so that 16 do not share a set. */
  private static long distance(long floats) {
    long lines = (floats * Float.BYTES + LINE - 1) / LINE;
    return (lines | 1) * LINE;
  }

  /** A rectangle of tiles, all of whose numbers are in the cache at once. */
  private record Block(int top, int bottom, int left, int right) {
    int tiles() {
      return (bottom - top) * (right - left);
    }

    /** Whether there are kernels. */
    boolean input(
        MachineWinogradKernel kernel, Image g, float[] x, int xo, MemorySegment v, long step) {
      long pixel = (long) g.channels() * Float.BYTES;
      long row = pixel * g.inW();
      MemorySegment image = MemorySegment.ofArray(x);
      for (int i = top; i < bottom; ) {
        int first = 2 * i - g.padH();
        int end = i + 1;
        while (end < bottom && Tile.isSame(first, 2 * end - g.padH(), g.inH())) {
          end++;
        }
        for (int j = left; j < right; ) {
          int start = 2 * j - g.padW();
          int stop = j + 1;
          while (stop < right && Tile.isSame(start, 2 * stop - g.padW(), g.inW())) {
            stop++;
          }
          long code = kernel.input(Tile.at(first, start, g.inH(), g.inW()));
          if (code == NONE) {
            return false;
          }
          Frame f = Frame.own();
          f.set(InputCode.X_OFFSET, (long) xo * Float.BYTES + first * row + start * pixel);
          f.set(InputCode.X_ROW, row);
          f.set(InputCode.PIXEL, pixel);
          f.set(InputCode.V_OFFSET, ((long) (i - top) * (right - left) + j - left) * pixel);
          f.set(InputCode.V_TILE, pixel);
          f.set(InputCode.V_LINE, pixel * (right - left));
          f.set(InputCode.POINT, step);
          f.set(InputCode.LINES, end - i);
          f.set(InputCode.TILES, stop - j);
          vectors(kernel.isa, f, g.channels());
          NativeCall.run(code, image, v, v, f);
          j = stop;
        }
        i = end;
      }
      return true;
    }

    /** Whether there are kernels, and all sums are finite. */
    boolean output(
        MachineWinogradKernel kernel,
        Image g,
        MemorySegment m,
        long step,
        float[] y,
        int yo,
        Epilogue.Simple last,
        float[] parameters) {
      long pixel = (long) g.filters() * Float.BYTES;
      long row = pixel * g.outW();
      MemorySegment image = MemorySegment.ofArray(y);
      MemorySegment w = parameters == null ? image : MemorySegment.ofArray(parameters);
      int wholeDown = Math.min(bottom, g.outH() / 2);
      int wholeAcross = Math.min(right, g.outW() / 2);
      long notFinite = 0;
      for (int i = top; i < bottom; ) { // pairs of lines, then the line without another
        int end = i < wholeDown ? wholeDown : bottom;
        for (int j = left; j < right; ) {
          int stop = j < wholeAcross ? wholeAcross : right;
          long code = kernel.output(i < wholeDown ? 2 : 1, j < wholeAcross ? 2 : 1);
          if (code == NONE) {
            return false;
          }
          Frame f = Frame.own();
          f.set(OutputCode.M_OFFSET, ((long) (i - top) * (right - left) + j - left) * pixel);
          f.set(OutputCode.M_TILE, pixel);
          f.set(OutputCode.M_LINE, pixel * (right - left));
          f.set(OutputCode.POINT, step);
          f.set(OutputCode.Y_OFFSET, (long) yo * Float.BYTES + 2L * i * row + 2L * j * pixel);
          f.set(OutputCode.Y_ROW, row);
          f.set(OutputCode.PIXEL, pixel);
          f.set(OutputCode.LINES, end - i);
          f.set(OutputCode.TILES, stop - j);
          f.set(OutputCode.STEPS, last == null ? 0 : steps(last));
          f.set(OutputCode.PARAMETERS, pixel);
          f.set(OutputCode.MOST, last == null ? 0 : Float.floatToRawIntBits(last.most()));
          vectors(kernel.isa, f, g.filters());
          NativeCall.run(code, m, image, image, w, f);
          notFinite |= notFinite(kernel.isa, f);
          j = stop;
        }
        i = end;
      }
      return notFinite == 0;
    }
  }

  /** Bits that are not 0 if a sum of the last call of an output kernel was not finite. */
  static long notFinite(Isa isa, Frame f) {
    long bits = 0;
    for (int i = 0; i < isa.bytes() / Long.BYTES; i++) {
      bits |= f.get(OutputCode.NOT_FINITE + i);
    }
    return bits;
  }

  /** The slots that both kinds of kernels have for the channels of a pixel. */
  static void vectors(Isa isa, Frame f, int channels) {
    f.set(InputCode.VECTORS, channels / isa.lanes());
    f.set(InputCode.REST, channels % isa.lanes());
    f.set(InputCode.MASK, Tail.mask(isa, channels % isa.lanes()));
  }

  /** Which steps of the kernel follow the sums. */
  static int steps(Epilogue.Simple last) {
    return (last.bias() == null ? 0 : OutputCode.BIAS)
        | (last.factor() == null ? 0 : OutputCode.SCALE)
        | (last.relu() ? OutputCode.RELU : 0)
        | (last.isBounded() ? OutputCode.BOUND : 0);
  }
}
