/**
 * JSON as Python's {@code json} module reads and writes it, to and from {@link
 * io.weft.config.Config}: integers and floats stay apart, NaN and the infinities are tokens, output
 * is ASCII.
 */
package io.weft.serialization.json;
