package io.weft.engine.tier;

import java.util.Iterator;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.concurrent.CountDownLatch;

/** Finds and starts the provider of machine code, on a daemon thread, once. */
final class MachineTier {
  private static final CountDownLatch DONE = new CountDownLatch(1);
  private static volatile KernelProvider provider; // null until ready, and if none can serve

  static {
    Thread starter = new Starter();
    starter.setDaemon(true);
    starter.start();
  }

  private MachineTier() {}

  private static final class Starter extends Thread {
    Starter() {
      super("weft-machine-code");
    }

    @Override
    public void run() {
      MachineTier.find();
    }
  }

  /** Begins, unless it has begun. */
  static void start() {
    // what is to be done is done by loading this class
  }

  /** The provider's kernel, after waiting for it, or null. Others may still be in the making. */
  static <T> T kernel(Class<T> type) {
    boolean interrupted = false;
    while (true) {
      try {
        DONE.await();
        break;
      } catch (InterruptedException e) {
        interrupted = true; // what is waited for does not take long
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    KernelProvider p = provider;
    try {
      return p == null ? null : p.kernel(type);
    } catch (RuntimeException | LinkageError e) {
      KernelTier.warn("no machine code for " + type.getSimpleName(), e);
      return null;
    }
  }

  private static void find() {
    boolean forced = System.getProperty(KernelTier.PROPERTY, "").equals("machine");
    try {
      Iterator<KernelProvider> found =
          ServiceLoader.load(KernelProvider.class, KernelProvider.class.getClassLoader())
              .iterator();
      if (!found.hasNext()) {
        refused(forced, "its module, weft-machinecode, is not there");
        return;
      }
      KernelProvider p = found.next();
      p.start(forced);
      provider = p;
      KernelTier.became(p.toString());
      DONE.countDown();
      if (Runtime.getRuntime().availableProcessors() > 1) {
        p.prepare();
      }
    } catch (UnsupportedOperationException e) {
      refused(forced, e.getMessage());
    } catch (RuntimeException | ServiceConfigurationError | LinkageError e) {
      KernelTier.became("none: " + e);
      KernelTier.warn("no machine code", e);
    } finally {
      DONE.countDown();
    }
  }

  private static void refused(boolean forced, String why) {
    KernelTier.became("none: " + why);
    if (forced) {
      KernelTier.warn("no machine code: " + why, null);
    }
  }
}
