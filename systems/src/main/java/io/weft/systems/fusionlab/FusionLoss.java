package io.weft.systems.fusionlab;

import io.weft.config.Config;
import io.weft.config.Entry;
import io.weft.config.Parameters;
import io.weft.losses.Loss;
import java.util.Set;

/**
 * What fusionlab's losses share. They give a value for each sample and step, so that sample weights
 * and masks count; the default reduction makes of these the mean that the original gives.
 */
abstract class FusionLoss extends Loss {
  private final String defaultName;
  private final boolean reductionIsParameter;

  FusionLoss(Entry<?> type, Config config, String defaultName, boolean reductionIsParameter) {
    super(type, config, defaultName);
    this.defaultName = defaultName;
    this.reductionIsParameter = reductionIsParameter;
  }

  /** As the original counts them: the name is one, the reduction in some classes. */
  @Override
  public final Parameters parameters() {
    Parameters p =
        new Parameters(type().className(), args, Set.of("name", "reduction", "dtype", "defects"));
    if (reductionIsParameter) {
      p = p.withLast("reduction", "auto", getConfig().get("reduction"));
    }
    return p.withLast("name", defaultName, name());
  }
}
