package io.weft.engine.kernel;

import io.weft.engine.gemm.Epilogue;
import io.weft.engine.gemm.PackedB;

/**
 * 3×3 convolutions of stride 1 by Winograd's F(2×2, 3×3), in machine code: 16 multiplications for a
 * tile of 2×2 outputs in place of 36. A tile of the input d (4×4) and a filter g become
 *
 * <pre>
 * V = Bᵀ d B     U = G g Gᵀ     M_p = Σ over the channels of V_p · U_p, for each of the 16 p
 * y = Aᵀ M A
 *
 * Bᵀ = 1  0 −1  0     G = 1   0   0     Aᵀ = 1  1  1  0
 *      0  1  1  0         ½   ½   ½          0  1 −1 −1
 *      0 −1  1  0         ½  −½   ½
 *      0  1  0 −1         0   0   1
 * </pre>
 *
 * <p>Sums are as exact as those of 9 products (there are fewer of them), but a number that is not
 * finite does not stay with the outputs that meet it: the caller is told, and computes them in
 * another way. Each tile's outputs have the same bits in any cut.
 */
public interface WinogradKernel {
  /** Numbers in a transformed tile or filter. */
  int POINTS = 16;

  /**
   * The sizes of an image and its outputs. Output (i, j) meets inputs {@code i - padH … i - padH +
   * 2}, {@code j - padW … j - padW + 2}; zeros where there is none.
   */
  record Image(
      int channels, int inH, int inW, int padH, int padW, int filters, int outH, int outW) {}

  /**
   * Makes output lines {@code 2 from … 2 to - 1}, as far as there are such.
   *
   * @param xo first element of the image
   * @param filter U: point by point the rows (channels, filters)
   * @param yo first element of the image's outputs
   * @param last what follows the sums, without {@link Epilogue.Simple#rest}; null for nothing
   * @return whether all sums are finite; if not, what was written is of no use
   */
  boolean lines(
      Image image,
      int from,
      int to,
      float[] x,
      int xo,
      PackedB filter,
      float[] y,
      int yo,
      Epilogue.Simple last);
}
