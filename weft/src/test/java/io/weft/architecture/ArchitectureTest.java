package io.weft.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaModifier.ABSTRACT;
import static com.tngtech.archunit.core.domain.JavaModifier.FINAL;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.codeUnits;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import java.io.ObjectInputStream;
import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** The dependencies between modules and packages, and the rules that every public type keeps. */
@AnalyzeClasses(packages = "io.weft", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
  private static final Map<String, List<String>> PACKAGES = SourceTree.packages();

  /** Module → the modules it may use at run time. */
  private static final Map<String, Set<String>> MAY_USE =
      Map.of(
          "api", Set.of(),
          "engine", Set.of("api"),
          "machinecode", Set.of("engine"),
          "layers", Set.of("api"),
          "serialization", Set.of("api"),
          "models", Set.of("api", "layers"),
          "systems", Set.of("api", "layers", "models", "serialization"));

  /** Third-party packages and the modules that may use them. */
  private static final Map<String, Set<String>> LIBRARIES =
      Map.of("com.google", Set.of("serialization", "models"));

  @TestFactory
  Stream<DynamicTest> modulesUseOnlyWhatTheDesignDraws() {
    JavaClasses all =
        new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("io.weft");
    return MAY_USE.entrySet().stream()
        .map(
            e ->
                DynamicTest.dynamicTest(
                    e.getKey(),
                    () ->
                        classes()
                            .that(describe("are in " + e.getKey(), c -> in(e.getKey(), c)))
                            .should(useOnly(e.getKey(), e.getValue()))
                            .allowEmptyShould(e.getKey().equals("machinecode")) // from 22 on
                            .check(all)));
  }

  @ArchTest
  static final ArchRule noCyclesBetweenPackages =
      slices()
          .assignedFrom(
              new SliceAssignment() {
                @Override
                public SliceIdentifier getIdentifierOf(JavaClass c) {
                  String name = c.getPackageName();
                  return SliceIdentifier.of(
                      name.equals("io.weft.backend") ? "io.weft.tensor" : name);
                }

                @Override
                public String getDescription() {
                  return "packages, with tensor and backend as one";
                }
              })
          .should()
          .beFreeOfCycles();

  @ArchTest
  static final ArchRule classesAreFinalOrAbstract =
      classes()
          .that()
          .areTopLevelClasses()
          .and()
          .areNotInterfaces()
          .and()
          .areNotEnums()
          .and()
          .doNotHaveFullyQualifiedName("io.weft.config.Entry") // a value, and the base of two more
          .should(be(FINAL, ABSTRACT));

  @ArchTest
  static final ArchRule guavaStaysOutOfSignatures =
      codeUnits().that().arePublic().or().areProtected().should(mentionNoGuava());

  @ArchTest
  static final ArchRule publicFieldsAreFinal = fields().that().arePublic().should().beFinal();

  @ArchTest
  static final ArchRule noClassIsLoadedByName =
      noClasses()
          .that()
          .resideOutsideOfPackage("io.weft.engine..")
          .should()
          .callMethod(Class.class, "forName", String.class)
          .orShould()
          .callMethod(ClassLoader.class, "loadClass", String.class)
          .orShould()
          .dependOnClassesThat()
          .belongToAnyOf(Constructor.class, Method.class, Proxy.class, ObjectInputStream.class);

  private static boolean in(String module, JavaClass c) {
    return PACKAGES.getOrDefault(c.getPackageName(), List.of()).contains(module);
  }

  private static ArchCondition<JavaClass> useOnly(String module, Set<String> allowed) {
    return new ArchCondition<>("use only " + allowed + " and the JDK") {
      @Override
      public void check(JavaClass c, ConditionEvents events) {
        for (var d : c.getDirectDependenciesFromSelf()) {
          String target = d.getTargetClass().getBaseComponentType().getPackageName();
          if (!allows(module, allowed, target)) {
            events.add(SimpleConditionEvent.violated(c, d.getDescription()));
          }
        }
      }
    };
  }

  private static boolean allows(String module, Set<String> allowed, String target) {
    if (PACKAGES.containsKey(target)) {
      return PACKAGES.get(target).stream().allMatch(m -> m.equals(module) || allowed.contains(m));
    }
    if (target.isEmpty() || target.startsWith("java.") || target.startsWith("jdk.incubator.")) {
      return true; // primitives have no package
    }
    return LIBRARIES.entrySet().stream()
        .anyMatch(l -> target.startsWith(l.getKey()) && l.getValue().contains(module));
  }

  private static ArchCondition<JavaClass> be(JavaModifier... anyOf) {
    return new ArchCondition<>("be one of " + List.of(anyOf)) {
      @Override
      public void check(JavaClass c, ConditionEvents events) {
        if (Stream.of(anyOf).noneMatch(c.getModifiers()::contains)
            && !c.getSimpleName().equals("package-info")) {
          events.add(SimpleConditionEvent.violated(c, c.getName() + " is neither"));
        }
      }
    };
  }

  private static ArchCondition<JavaCodeUnit> mentionNoGuava() {
    return new ArchCondition<>("mention no Guava type") {
      @Override
      public void check(JavaCodeUnit unit, ConditionEvents events) {
        List<JavaClass> types = new ArrayList<>(unit.getRawParameterTypes());
        types.add(unit.getRawReturnType());
        for (JavaClass type : types) {
          if (unit.getOwner().getModifiers().contains(JavaModifier.PUBLIC)
              && type.getPackageName().startsWith("com.google.")) {
            events.add(SimpleConditionEvent.violated(unit, unit.getFullName()));
          }
        }
      }
    };
  }
}
