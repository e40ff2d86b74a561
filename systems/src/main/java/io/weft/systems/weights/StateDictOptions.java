package io.weft.systems.weights;

/**
 * How a state dict is matched with a layer.
 *
 * @param strict refuse tensors left over on either side; shapes must fit in any case
 * @param renaming how the file's names differ from ours
 */
public record StateDictOptions(boolean strict, Renaming renaming) {
  /** Every name must be there, as it is here. */
  public static final StateDictOptions STRICT = new StateDictOptions(true, Renaming.NONE);

  /** Names left over are reported only. */
  public static final StateDictOptions LENIENT = new StateDictOptions(false, Renaming.NONE);

  /** The same with a table of names. */
  public StateDictOptions withRenaming(Renaming table) {
    return new StateDictOptions(strict, table);
  }
}
