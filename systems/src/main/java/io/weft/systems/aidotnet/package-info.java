/** AiDotNet's attention layers, and its style of training by hand as a view of the tape. */
package io.weft.systems.aidotnet;
