package io.weft.samples;

import io.weft.config.Config;
import io.weft.layers.core.Embedding;
import io.weft.layers.core.Input;
import io.weft.models.Functional;
import io.weft.models.Model;
import io.weft.optimizers.Adam;
import io.weft.random.SeedGenerator;
import io.weft.random.Seeds;
import io.weft.systems.diffusers.DDIMScheduler;
import io.weft.systems.diffusers.Scheduler;
import io.weft.systems.diffusers.UNet2DConditionModel;
import io.weft.systems.weights.StateDict;
import io.weft.tensor.DType;
import io.weft.tensor.Ops;
import io.weft.tensor.RandomOps;
import io.weft.tensor.Shape;
import io.weft.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/**
 * Learns to draw handwritten digits: a small U-Net of Stable Diffusion's kind, whose
 * cross-attention looks at the class that is asked for, is trained to tell the noise in a noisy
 * digit from the digit. From pure noise it then draws digits of each class in 20 steps, with
 * guidance away from what it would draw for no class in particular.
 */
public final class Diffusion {
  private static final int WIDTH = 16;
  private static final int STEPS = 200;
  private static final int BATCH = 64;

  /** What stands for no class, given now and then in training, so that drawing can lead away. */
  private static final int NO_CLASS = Digits.CLASSES;

  private static final double GUIDANCE = 2;
  private static final double RATE = 4e-3;
  private static final long SEED = 7;

  /** What a run found: the last loss, and which share of the drawn digits is the one asked for. */
  record Result(double loss, double recognized) {}

  private Diffusion() {}

  /** The U-Net's arguments, as the original's config.json has them. */
  private static Config config() {
    return Config.of("name", "unet", "in_channels", 1, "out_channels", 1)
        .with("sample_size", Digits.SIZE)
        .with("block_out_channels", List.of(WIDTH, 2 * WIDTH))
        .with("layers_per_block", 1)
        .with("down_block_types", List.of("DownBlock2D", "CrossAttnDownBlock2D"))
        .with("up_block_types", List.of("CrossAttnUpBlock2D", "UpBlock2D"))
        .with("cross_attention_dim", WIDTH)
        .with("attention_head_dim", 4)
        .with("norm_num_groups", 8);
  }

  /** The model: noisy image (batch, 1, 8, 8), step (batch) and class (batch, 1) to the noise. */
  static Model model() {
    Tensor image = Input.of("image", 1, Digits.SIZE, Digits.SIZE);
    Tensor step = Input.of("step");
    Tensor digit = Input.of("digit", 1);
    Tensor context = new Embedding(Digits.CLASSES + 1, WIDTH).apply(digit);
    Tensor noise = new UNet2DConditionModel(config()).apply(image, step, context);
    return new Functional(List.of(image, step, digit), noise, "digit_diffusion");
  }

  /** The U-Net of a file, as this sample writes it and diffusers does. */
  static UNet2DConditionModel open(Path file) {
    UNet2DConditionModel unet = new UNet2DConditionModel(config());
    unet.build(Shape.of(-1, 1, Digits.SIZE, Digits.SIZE));
    StateDict.loadSafetensors(unet, file);
    return unet;
  }

  private static Scheduler scheduler() {
    return new DDIMScheduler(
        Config.of("num_train_timesteps", STEPS, "beta_schedule", "squaredcos_cap_v2"));
  }

  /** Runs the sample; an argument names the folder for its files (default target/diffusion). */
  public static void main(String[] args) throws IOException {
    run(Path.of(args.length > 0 ? args[0] : "target/diffusion"), 700, 10);
  }

  /** The whole job with a number of training steps and of digits to draw of each class. */
  static Result run(Path folder, int trainingSteps, int perClass) throws IOException {
    Files.createDirectories(folder);
    Seeds.set((int) SEED);
    Digits digits = Digits.read();
    Model model = model();
    System.out.printf(
        Locale.ROOT, "%,d digits, %,d parameters%n", digits.labels().length, model.countParams());
    double loss = train(model, digits, trainingSteps);

    int count = Digits.CLASSES * perClass;
    int[] wanted = new int[count];
    Arrays.setAll(wanted, i -> i / perClass);
    Tensor drawn = draw(model, wanted, GUIDANCE);
    Path png = folder.resolve("digits.png");
    Digits.draw(drawn, perClass, 6, png);
    Path weights = folder.resolve("unet.safetensors");
    StateDict.saveSafetensors(model.getLayer("unet"), weights);

    float[] ink = drawn.toFloatArray();
    int right = 0;
    for (int i = 0; i < count; i++) {
      right += digits.recognize(ink, i) == wanted[i] ? 1 : 0;
    }
    System.out.printf(
        Locale.ROOT,
        "of %d digits drawn in 20 steps, %d are recognized as the one asked for%n",
        count,
        right);
    System.out.println("one row for each digit: " + png);
    System.out.println("the U-Net for diffusers: " + weights);
    return new Result(loss, right / (double) count);
  }

  /** Trains on random digits with random noise; the rate falls to 0 as a cosine does. */
  private static double train(Model model, Digits digits, int steps) {
    Scheduler scheduler = scheduler();
    Adam optimizer = new Adam(RATE);
    model.compile(optimizer, "mse");
    Random random = new Random(SEED);
    SeedGenerator noises = new SeedGenerator(SEED);
    double loss = 0;
    for (int s = 1; s <= steps; s++) {
      int[] rows = random.ints(BATCH, 0, digits.labels().length).toArray();
      int[] times = random.ints(BATCH, 0, STEPS).toArray();
      float[] labels = new float[BATCH];
      for (int i = 0; i < BATCH; i++) {
        labels[i] = random.nextInt(10) == 0 ? NO_CLASS : digits.labels()[rows[i]];
      }
      Tensor images = Ops.take(digits.images(), Tensor.of(rows, BATCH), 0);
      Tensor noise = RandomOps.normal(images.shape(), 0, 1, DType.FLOAT32, noises.next());
      Tensor t = Tensor.of(times, BATCH);
      Tensor noisy = scheduler.addNoise(images, noise, t);
      optimizer.setLearningRate(RATE * (1 + Math.cos(Math.PI * s / steps)) / 2);
      List<Tensor> inputs = List.of(noisy, t.cast(DType.FLOAT32), Tensor.of(labels, BATCH, 1));
      double now = model.trainOnBatch(inputs, noise, null).get("loss");
      loss = s == 1 ? now : 0.98 * loss + 0.02 * now;
      if (s % Math.max(1, steps / 6) == 0) {
        System.out.printf(Locale.ROOT, "step %4d of %d, loss %.3f%n", s, steps, loss);
      }
    }
    return loss;
  }

  /** Images of the wanted classes from noise; guidance 1 asks for nothing beyond the class. */
  static Tensor draw(Model model, int[] wanted, double guidance) {
    int n = wanted.length;
    Scheduler scheduler = scheduler();
    scheduler.setTimesteps(20);
    Shape shape = Shape.of(n, 1, Digits.SIZE, Digits.SIZE);
    Tensor x = RandomOps.normal(shape, 0, 1, DType.FLOAT32, SeedGenerator.key(SEED));
    float[] labels = new float[2 * n];
    Arrays.fill(labels, NO_CLASS);
    for (int i = 0; i < n; i++) {
      labels[i] = wanted[i];
    }
    Tensor both = Tensor.of(labels, 2 * n, 1);
    for (double t : scheduler.steps()) {
      Tensor step = Ops.full(Shape.of(2 * n), t, DType.FLOAT32);
      Tensor twice = Ops.concatenate(List.of(x, x), 0);
      List<Tensor> noise = Ops.split(model.predict(twice, step, both), 2, 0);
      Tensor none = noise.get(1);
      x = scheduler.step(none.plus(noise.get(0).minus(none).times(guidance)), t, x).sample();
    }
    return x;
  }
}
