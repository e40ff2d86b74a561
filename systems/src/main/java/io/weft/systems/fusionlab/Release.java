package io.weft.systems.fusionlab;

import io.weft.config.Args;
import io.weft.config.Config;

/**
 * The release of fusionlab whose structure a class follows, where releases differ: the key {@code
 * layout} of configs. A config without the key is of the newest.
 */
enum Release {
  /** 0.1.1 to 0.2.3. */
  V02("fusionlab-0.2"),
  /** 0.3. */
  V03("fusionlab-0.3"),
  /** The current components, 0.5. */
  V05("fusionlab-0.5");

  /** The layout of the paper that a model is named after. */
  static final String PAPER = "paper";

  private final String text;

  Release(String text) {
    this.text = text;
  }

  /** Reads the key; it is no parameter of the original, so {@link #noted} adds it to configs. */
  static Release of(Args args) {
    return of(args.oneOf("layout", V05.text, V05.text, V03.text, V02.text), args);
  }

  /** Reads the key where it may also be {@code "paper"}, which gives null. */
  static Release orPaper(Args args) {
    return of(args.oneOf("layout", V05.text, V05.text, V03.text, V02.text, PAPER), args);
  }

  private static Release of(String text, Args args) {
    args.forget("layout");
    for (Release r : values()) {
      if (r.text.equals(text)) {
        return r;
      }
    }
    return null;
  }

  /** The config with the key, unless this is the newest. */
  Config noted(Config config) {
    return noted(this, config);
  }

  /** The config with the key, unless it is of the newest release; null stands for the paper. */
  static Config noted(Release release, Config config) {
    return release == V05 ? config : config.with("layout", release == null ? PAPER : release.text);
  }

  /** The key's value. */
  String text() {
    return text;
  }
}
