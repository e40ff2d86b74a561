package io.weft.machinecode.gemm;

/** The frame of the product and packing kernels, by slot. Distances and offsets count bytes. */
final class Slot {
  /** First element of A, from the start of x. */
  static final int A_OFFSET = 0;

  /** From one row of A to the next. */
  static final int A_ROW = 1;

  /** First element of B, from the start of y. */
  static final int B_OFFSET = 2;

  /** From one row of B to the next. */
  static final int B_ROW = 3;

  /** From one panel of B to the next. */
  static final int B_PANEL = 4;

  /** First element of C, from the start of z. */
  static final int C_OFFSET = 5;

  /** From one row of C to the next. */
  static final int C_ROW = 6;

  /** Terms of each sum, for each tap. */
  static final int DEPTH = 7;

  /** Number of row blocks. */
  static final int ROW_BLOCKS = 8;

  /** Number of panels. */
  static final int PANELS = 9;

  /** 1 if the last panel has less than all columns, else 0. */
  static final int PARTIAL = 10;

  /** Masks of the vectors of the last panel, two of them. */
  static final int MASKS = 11;

  /** What is done with the sums, as bits. */
  static final int STEPS = 13;

  /** Of {@link #STEPS}: the old values of C are added. */
  static final int ADD_C = 1;

  /** Of {@link #STEPS}: then the bias of the column. */
  static final int ADD_BIAS = 2;

  /** Of {@link #STEPS}: then they are multiplied by the column's factor and its shift is added. */
  static final int SCALE = 8;

  /** Of {@link #STEPS}: then negative sums become 0. */
  static final int RELU = 4;

  /** Of {@link #STEPS}: then sums above {@link #MOST} become that. */
  static final int BOUND = 16;

  /** How many stretches of A, {@link #TAP} apart, the sums run over. */
  static final int TAPS = 14;

  /** From one stretch of A to the next. */
  static final int TAP = 15;

  /** From one column of A to the next. */
  static final int A_COLUMN = 23;

  /** The first column's bias, from the start of w. */
  static final int BIAS_OFFSET = 24;

  /** From a column's bias to its factor, and from there to its shift. */
  static final int PARAMETERS = 26;

  /** Upper bound, as bits of a float. */
  static final int MOST = 27;

  /** How many planes of {@link #TAPS} stretches the sums run over. */
  static final int PLANES = 28;

  /** From one plane of A to the next. */
  static final int PLANE = 29;

  /** Number of products. */
  static final int PRODUCTS = 30;

  /** From A of a product to that of the next. */
  static final int NEXT_A = 31;

  /** From B of a product to that of the next. */
  static final int NEXT_B = 32;

  /** From C of a product to that of the next. */
  static final int NEXT_C = 33;

  // what the kernel puts by
  static final int START_A = 34;
  static final int START_C = 35;
  static final int ROW_A = 16;
  static final int TAP_A = 17;
  static final int ROW_C = 18;
  static final int FIRST_B = 19;
  static final int PANEL_B = 20;
  static final int PANEL_C = 21;
  static final int TAPS_LEFT = 22;
  static final int PANEL_BIAS = 25;

  private Slot() {}

  /** One row: how many parts of k have sums of their own, which are then added. */
  static final int PARTS = TAPS;

  /** One row: the terms of the last part; the others have {@link #DEPTH}. */
  static final int LAST_DEPTH = TAP;

  /** One row: parts to go. */
  static final int PARTS_LEFT = TAPS_LEFT;

  /** One row: the steps after this part. */
  static final int PART_STEPS = ROW_C;
}
