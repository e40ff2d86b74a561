package io.weft.serialization;

import io.weft.config.Config;
import io.weft.config.ConfigFormat;
import io.weft.serialization.io.AtomicFile;
import io.weft.serialization.io.ByteSource;
import io.weft.serialization.json.JsonCodec;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Configs as JSON texts, as Python's {@code json.dumps} writes them. */
public final class JsonConfigs implements ConfigFormat {
  @Override
  public Config read(Path file) {
    try (ByteSource s = ByteSource.open(file)) {
      return JsonCodec.read(file.toString(), s.bytes(0, s.size()));
    }
  }

  @Override
  public void write(Path file, Config config) {
    byte[] text = JsonCodec.write(config).getBytes(StandardCharsets.US_ASCII);
    AtomicFile.write(file, c -> c.write(ByteBuffer.wrap(text)));
  }
}
