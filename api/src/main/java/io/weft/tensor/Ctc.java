package io.weft.tensor;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Connectionist temporal classification: label sequences without known positions. */
public final class Ctc {
  private Ctc() {}

  private static boolean batch(TensorSpec s, int n) {
    return s.dtype() == DType.INT32 && s.shape().equals(Shape.of(n));
  }

  /**
   * −ln of the probability that frames spell the labels, and its gradient. Inputs: int32 labels (n,
   * l), logits (n, frames, classes), int32 label lengths (n,) and frame counts (n,). Outputs:
   * losses (n,), d losses / d logits. Above 700 where the frames are too few, as TensorFlow.
   */
  public record Loss(int blank) implements Op {
    @Override
    public String name() {
      return "ctc_loss";
    }

    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      TensorSpec logits = in.get(1);
      Shape s = logits.shape();
      boolean ok = s.rank() == 3 && logits.dtype().isFloating() && blank >= 0 && blank < s.dim(2);
      Rules.require(
          ok
              && in.get(0).dtype() == DType.INT32
              && in.get(0).shape().rank() == 2
              && in.get(0).shape().dim(0) == s.dim(0)
              && batch(in.get(2), s.dim(0))
              && batch(in.get(3), s.dim(0)),
          this,
          "labels (n, l), logits (n, frames, classes), lengths (n,) and (n,), blank " + blank,
          in);
      return List.of(new TensorSpec(Shape.of(s.dim(0)), logits.dtype()), logits);
    }

    /** Of the losses only. */
    @Override
    public List<Tensor> vjp(Vjp v) {
      Tensor d = Ops.reshape(v.dout(0), -1, 1, 1);
      return Arrays.asList(null, v.out(1).times(d), null, null);
    }
  }

  /**
   * Likely label sequences. Inputs: scores (n, frames, classes), int32 frame counts (n,). Outputs:
   * int32 labels (paths, n, frames), filled up with −1, and scores (n, paths).
   *
   * @param beamWidth how many prefixes are followed; 0 takes the best class of each frame (scores
   *     are then −Σ of the best inputs, else the logarithm of the path's probability)
   * @param mergeRepeated whether a class that follows itself without a blank counts once (greedy)
   */
  public record Decode(int beamWidth, int paths, boolean mergeRepeated, int blank) implements Op {
    @Override
    public String name() {
      return "ctc_decode";
    }

    @Override
    public List<TensorSpec> infer(List<TensorSpec> in) {
      Shape s = in.get(0).shape();
      Rules.require(
          s.rank() == 3
              && in.get(0).dtype().isFloating()
              && batch(in.get(1), s.dim(0))
              && blank >= 0
              && blank < s.dim(2)
              && paths > 0
              && (beamWidth == 0 ? paths == 1 : beamWidth >= paths),
          this,
          "scores (n, frames, classes), lengths (n,), a blank among the classes, and no more paths"
              + " than the beam is wide",
          in);
      List<TensorSpec> out = new ArrayList<>();
      out.add(new TensorSpec(Shape.of(paths, s.dim(0), s.dim(1)), DType.INT32));
      out.add(new TensorSpec(Shape.of(s.dim(0), paths), in.get(0).dtype()));
      return out;
    }
  }
}
