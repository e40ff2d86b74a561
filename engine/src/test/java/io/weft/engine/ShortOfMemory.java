package io.weft.engine;

import io.weft.compile.CompiledFunction;
import io.weft.error.BackendException;
import io.weft.tensor.DType;
import io.weft.tensor.Ops;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import io.weft.tensor.Variable;
import java.util.List;
import java.util.function.Function;

/**
 * Steps that run out of memory at different places, in a process with a small heap: prints a line
 * for each, with the error and the variable's numbers before and after a smaller step.
 */
final class ShortOfMemory {
  private ShortOfMemory() {}

  public static void main(String[] none) {
    run("intermediate", 8000, x -> Ops.sum(Ops.cumsum(x.matmul(Ops.transpose(x)), 0)));
    run("result", 8000, x -> x.matmul(Ops.transpose(x)));
    run(
        "kernel", // the result of 18 MB fits, the sums of 72 MB do not
        3000,
        x -> {
          Tensor i = Ops.cast(x, DType.INT16);
          return i.matmul(Ops.transpose(i));
        });
  }

  private static void run(String name, int rows, Function<Tensor, Tensor> body) {
    Variable v = new Variable("v", Tensor.of(new float[] {1, 2}, 2), true);
    CompiledFunction step =
        CompiledFunction.of(
            in -> {
              v.assign(v.raw().plus(1));
              return List.of(body.apply(in.get(0)));
            });
    Tensor large = Ops.zeros(Shape.of(rows, 1), DType.FLOAT32);
    String error = "none";
    for (int i = 0; i < 2; i++) {
      try {
        step.run(List.of(large));
      } catch (BackendException e) {
        error = e.getMessage();
      }
    }
    String after = java.util.Arrays.toString(v.concrete().toFloatArray());
    step.run(List.of(Ops.zeros(Shape.of(3, 1), DType.FLOAT32)));
    String later = java.util.Arrays.toString(v.concrete().toFloatArray());
    System.out.println(name + " | " + after + " | " + later + " | " + error);
  }
}
