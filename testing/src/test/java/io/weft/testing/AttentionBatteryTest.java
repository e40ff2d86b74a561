package io.weft.testing;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.config.Config;
import io.weft.error.ConfigException;
import io.weft.error.ShapeException;
import io.weft.initializers.VarianceScaling;
import io.weft.layer.BuildContext;
import io.weft.layer.CallContext;
import io.weft.layer.Layer;
import io.weft.layer.LayerType;
import io.weft.layers.attention.MultiHeadAttention;
import io.weft.random.SeedGenerator;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import io.weft.tensor.Variable;
import io.weft.testing.AttentionBattery.Rows;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The battery passes good attention and catches each kind of mistake. */
class AttentionBatteryTest {
  private static final Shape QUERY = Shape.of(2, 4, 3);
  private static final Shape SOURCE = Shape.of(2, 5, 3);

  @Test
  void passesGoodAttention() {
    battery("none").run();
    AttentionBattery.of(new MultiHeadAttention(2, 4), QUERY, SOURCE)
        .queries(0)
        .sources(1)
        .hiding(Hiding.byScores("attention_mask", 4))
        .fullyMasked(Rows.UNIFORM)
        .run();
  }

  private static AttentionBattery battery(String mistake) {
    return AttentionBattery.of(new Small(Config.of("mistake", mistake)), QUERY, SOURCE)
        .queries(0)
        .sources(1)
        .hiding(Hiding.byKeys("key_mask"))
        .fullyMasked(Rows.UNIFORM);
  }

  @ParameterizedTest
  @CsvSource({
    "queries, queries in another order",
    "keys, keys in another order",
    "deaf, a mask of keys changes nothing",
    "leak, content of hidden keys",
    "nan, rows without any key at",
    "zero, 'rows without any key, as of equal keys'",
    "batch, a sample among others",
    "single, sample 0 alone",
    "crash, 'ArithmeticException'",
    "short, '1 tokens as queries : expected 1 rows'",
    "sum, one key three times",
    "wordless, 'input 0 of shape (2, 4, 4): expected a refusal that names 3'",
    "lazy, weights of one seed"
  })
  void saysWhatIsWrong(String mistake, String message) {
    Rows rows = mistake.equals("sum") ? Rows.FINITE : Rows.UNIFORM;
    assertThatThrownBy(() -> battery(mistake).fullyMasked(rows).run())
        .asString()
        .contains(mistake.equals("crash") ? message : "Small: " + message);
  }

  @Test
  void zeroRowsMayNotSeeKeys() {
    AttentionBattery zero = battery("zero").fullyMasked(Rows.ZERO);
    zero.run();
    assertThatThrownBy(() -> battery("none").fullyMasked(Rows.ZERO).run())
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("content of keys that are all hidden");
  }

  @Test
  void needsABatch() {
    assertThatThrownBy(() -> AttentionBattery.of(new MultiHeadAttention(2, 4), Shape.of(1, 2, 3)))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("batch of at least 2");
  }

  /** Attention with one head to projected sources, with a mistake of choice. */
  private static final class Small extends Layer {
    static final LayerType<Small> TYPE =
        LayerType.custom("my", "Small", Small::new).inputs("query", "source").args("key_mask");

    private final String mistake;
    private Variable kernel;

    Small(Config config) {
      super(TYPE, config);
      mistake = args.string("mistake", "none");
    }

    private boolean is(String m) {
      return mistake.equals(m);
    }

    @Override
    protected void build(BuildContext b) {
      Shape shape = Shape.of(b.known(1, -1), b.known(1, -1));
      if (is("lazy")) {
        SeedGenerator shared = new SeedGenerator(null); // numbers depend on who is read first
        kernel = b.addWeight("kernel", shape, new VarianceScaling(Config.of("seed", shared)));
        b.addWeight("unused", shape, new VarianceScaling(Config.of("seed", shared)));
      } else {
        kernel = b.addWeight("kernel", shape, VarianceScaling.glorotUniform());
      }
    }

    @Override
    public List<Tensor> call(List<Tensor> inputs, CallContext ctx) {
      Tensor q = inputs.get(0);
      Tensor source = inputs.get(1);
      int width = kernel.shape().dim(0);
      if (source.rank() != 3 || source.dim(2) != width || q.rank() != 3 || q.dim(2) != width) {
        if (is("wordless")) {
          throw new ConfigException("no");
        }
        throw new ShapeException(
            "expected width " + width + ". Received: " + q.shape() + ", " + source.shape());
      }
      if (is("crash") && source.dim(1) == 1) {
        throw new ArithmeticException("one");
      }
      Tensor v = Ops.matmul(source, kernel.value());
      Tensor scores = Ops.matmul(q, Ops.swapaxes(v, 1, 2));
      if (is("keys")) {
        scores =
            scores.times(Ops.cast(Ops.arange(source.dim(1)).plus(Tensor.scalar(1)), q.dtype()));
      }
      Tensor keep = ctx.args().tensor("key_mask");
      if (keep != null && !is("deaf")) {
        Tensor low =
            Tensor.scalar(
                is("leak") ? -3 : is("nan") ? Double.NEGATIVE_INFINITY : -1e30, q.dtype());
        scores = Ops.where(Ops.expandDims(keep, 1), scores, low);
      }
      Tensor p = is("sum") ? Ops.sigmoid(scores) : Ops.softmax(scores, -1);
      if (keep != null && is("zero")) {
        p = Ops.where(Ops.expandDims(keep, 1), p, Tensor.scalar(0, p.dtype()));
      }
      Tensor y = Ops.matmul(p, v);
      if (is("queries")) {
        y = y.plus(Ops.expandDims(Ops.cast(Ops.arange(q.dim(1)), q.dtype()), 1));
      }
      if (is("batch")) {
        y = y.plus(Ops.mean(q, new int[] {0, 1}, true));
      }
      if (is("single") && q.dim(0) == 1) {
        y = y.times(2);
      }
      if (is("short") && q.dim(1) == 1) {
        y = Ops.concatenate(List.of(y, y), 1);
      }
      return List.of(y);
    }
  }
}
