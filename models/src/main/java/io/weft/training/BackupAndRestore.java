package io.weft.training;

import io.weft.error.ModelFormatException;
import io.weft.format.LoadOptions;
import io.weft.format.ModelFiles;
import io.weft.format.SavedModel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Saves weights and optimizer state after each epoch, or every so many batches, and goes on from
 * there when training is begun again after an interruption. A training that ends well deletes the
 * files.
 */
public final class BackupAndRestore extends Callback {
  private final Path weights;
  private final Path metadata;
  private final boolean everyEpoch;
  private final boolean delete;
  private final BatchCounter counter;
  private int epoch;

  /** Keeps {@code latest.weights.h5} and {@code training_metadata.json} in a folder. */
  public BackupAndRestore(Path folder) {
    this(folder, null, true);
  }

  /**
   * A backup.
   *
   * @param saveFreq after how many batches to save; null after each epoch
   * @param delete whether the end of training deletes the files
   */
  public BackupAndRestore(Path folder, Integer saveFreq, boolean delete) {
    this.weights = folder.resolve("latest.weights.h5");
    this.metadata = folder.resolve("training_metadata.json");
    this.everyEpoch = saveFreq == null;
    this.counter = new BatchCounter(saveFreq);
    this.delete = delete;
  }

  @Override
  public void onTrainBegin() {
    epoch = 0;
    try {
      if (Files.exists(weights)) {
        try (SavedModel saved = ModelFiles.open(weights)) {
          saved.load(trainer().layer(), LoadOptions.STRICT);
        }
      }
      if (Files.exists(metadata)) {
        Matcher m = Pattern.compile("\"epoch\":\\s*(\\d{1,9})").matcher(Files.readString(metadata));
        if (!m.find()) {
          throw new ModelFormatException(metadata + ": expected the number of an epoch");
        }
        epoch = Integer.parseInt(m.group(1));
        trainer().resumeAt(epoch);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void onEpochEnd(int ended, Logs logs) {
    epoch = ended + 1;
    if (everyEpoch) {
      save(0);
    }
  }

  @Override
  public void onTrainBatchEnd(int batch, Logs logs) {
    if (counter.isDue(batch)) {
      save(batch);
    }
  }

  private void save(int batch) {
    try {
      Files.createDirectories(weights.toAbsolutePath().getParent());
      ModelFiles.write(weights, trainer().layer());
      Files.writeString(metadata, "{\"epoch\": " + epoch + ", \"batch\": " + batch + "}");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void onTrainEnd() {
    if (!delete) {
      return;
    }
    try {
      Files.deleteIfExists(weights);
      Files.deleteIfExists(metadata);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
