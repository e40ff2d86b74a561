package io.weft.layers.rnn;

/**
 * Optional arguments that all recurrent layers share.
 *
 * @param <B> the builder
 */
public interface RecurrentOptions<B> {
  /** Sets an argument by its key in configs. */
  B set(String key, Object value);

  /** Whether the outputs of all steps come out; default false: the last one. */
  default B returnSequences(boolean on) {
    return set("return_sequences", on);
  }

  /** Whether the last states come out too; default false. */
  default B returnState(boolean on) {
    return set("return_state", on);
  }

  /** Whether the last step comes first; default false. */
  default B goBackwards(boolean on) {
    return set("go_backwards", on);
  }

  /** Whether states are carried from call to call; default false. */
  default B stateful(boolean on) {
    return set("stateful", on);
  }

  /** Whether the loop is written out step by step; same results; default false. */
  default B unroll(boolean on) {
    return set("unroll", on);
  }

  /** Whether the output of a masked step is zero and not the previous one; default false. */
  default B zeroOutputForMask(boolean on) {
    return set("zero_output_for_mask", on);
  }

  /** The loss on what comes out; default none. SimpleRNN ignores it, as Keras does. */
  default B activityRegularizer(Object regularizer) {
    return set("activity_regularizer", regularizer);
  }
}
