/** Learning rates as functions of the step (keras-formats.md 6.4). */
package io.weft.schedules;
