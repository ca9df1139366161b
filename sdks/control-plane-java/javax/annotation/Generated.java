package javax.annotation;

/** What generated classes are marked with. A build by Maven or Gradle has it from jakarta.annotation-api. */
public @interface Generated {
  String[] value();

  String date() default "";

  String comments() default "";
}
