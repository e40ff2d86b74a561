package io.weft.samples;

import java.util.ArrayList;
import java.util.List;

/** Numbers below one million in English and French words, as a grammar would write them. */
final class NumberWords {
  private static final String[] ENGLISH = {
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen"
  };
  private static final String[] ENGLISH_TENS = {
    "", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"
  };
  private static final String[] FRENCH = {
    "zéro",
    "un",
    "deux",
    "trois",
    "quatre",
    "cinq",
    "six",
    "sept",
    "huit",
    "neuf",
    "dix",
    "onze",
    "douze",
    "treize",
    "quatorze",
    "quinze",
    "seize"
  };
  private static final String[] FRENCH_TENS = {
    "", "", "vingt", "trente", "quarante", "cinquante", "soixante"
  };

  private NumberWords() {}

  /** Such as {@code [three, hundred, and, eighty, one]}. */
  static List<String> english(int n) {
    List<String> w = new ArrayList<>();
    if (n >= 1000) {
      w.addAll(english(n / 1000));
      w.add("thousand");
      if (n % 1000 == 0) {
        return w;
      }
      if (n % 1000 < 100) {
        w.add("and");
      }
      w.addAll(english(n % 1000));
    } else if (n >= 100) {
      w.add(ENGLISH[n / 100]);
      w.add("hundred");
      if (n % 100 > 0) {
        w.add("and");
        w.addAll(english(n % 100));
      }
    } else if (n >= 20) {
      w.add(ENGLISH_TENS[n / 10]);
      if (n % 10 > 0) {
        w.add(ENGLISH[n % 10]);
      }
    } else {
      w.add(ENGLISH[n]);
    }
    return w;
  }

  /** Such as {@code [trois, cent, quatre, vingt, un]}. */
  static List<String> french(int n) {
    return french(n, true);
  }

  /** The plural s of vingts and cents stands only at the end of the number. */
  private static List<String> french(int n, boolean end) {
    List<String> w = new ArrayList<>();
    if (n >= 1000) {
      if (n >= 2000) {
        w.addAll(french(n / 1000, false));
      }
      w.add("mille");
      if (n % 1000 > 0) {
        w.addAll(french(n % 1000, end));
      }
    } else if (n >= 100) {
      if (n >= 200) {
        w.add(FRENCH[n / 100]);
      }
      w.add(n >= 200 && n % 100 == 0 && end ? "cents" : "cent");
      if (n % 100 > 0) {
        w.addAll(french(n % 100, end));
      }
    } else if (n >= 80) {
      w.add("quatre");
      w.add(n == 80 && end ? "vingts" : "vingt");
      if (n > 80) {
        w.addAll(french(n - 80, end));
      }
    } else if (n >= 17) {
      int tens = Math.min(n / 10, 6);
      int rest = n - 10 * tens;
      if (tens > 1) {
        w.add(FRENCH_TENS[tens]);
      } else {
        w.add("dix");
      }
      if (rest == 1 || rest == 11) {
        w.add("et");
      }
      if (rest > 0) {
        w.addAll(french(rest, end));
      }
    } else {
      w.add(FRENCH[n]);
    }
    return w;
  }
}
