package io.weft.format;

/**
 * How weights are matched.
 *
 * @param byName match layers by name; layers absent from the file keep their values (old HDF5 only)
 * @param skipMismatch leave out what does not fit instead of refusing the file
 * @param optimizer whether to read the optimizer's state, if there is one
 */
public record LoadOptions(boolean byName, boolean skipMismatch, boolean optimizer) {
  /** Everything must fit. */
  public static final LoadOptions STRICT = new LoadOptions(false, false, true);

  public LoadOptions withByName(boolean on) {
    return new LoadOptions(on, skipMismatch, optimizer);
  }

  public LoadOptions withSkipMismatch(boolean on) {
    return new LoadOptions(byName, on, optimizer);
  }

  public LoadOptions withOptimizer(boolean on) {
    return new LoadOptions(byName, skipMismatch, on);
  }
}
