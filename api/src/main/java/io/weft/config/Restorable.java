package io.weft.config;

/** An object that wants to see its whole envelope after it was made (build and compile configs). */
public interface Restorable {
  /** Called once, with the envelope as the file has it. */
  void afterRestore(Config envelope);
}
