/**
 * The command line: {@code weft summary | inspect | predict | convert | plot | check | bench}. Each
 * command is a class; {@link io.weft.cli.Main} loads only the one that is asked for.
 */
package io.weft.cli;
