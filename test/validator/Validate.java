import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.context.support.DefaultProfileValidationSupport;
import ca.uhn.fhir.validation.FhirValidator;
import ca.uhn.fhir.validation.ResultSeverityEnum;
import ca.uhn.fhir.validation.SingleValidationMessage;
import java.nio.file.Files;
import java.nio.file.Path;
import org.hl7.fhir.common.hapi.validation.support.CommonCodeSystemsTerminologyService;
import org.hl7.fhir.common.hapi.validation.support.InMemoryTerminologyServerValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.ValidationSupportChain;
import org.hl7.fhir.common.hapi.validation.validator.FhirInstanceValidator;

/** Validates FHIR R4 resources, a file each. Writes a line for each finding: file, severity, place, what; tab-separated. */
public final class Validate {
  public static void main(String[] files) throws Exception {
    FhirContext context = FhirContext.forR4();
    ValidationSupportChain support =
        new ValidationSupportChain(
            new DefaultProfileValidationSupport(context),
            new InMemoryTerminologyServerValidationSupport(context),
            new CommonCodeSystemsTerminologyService(context));
    FhirInstanceValidator module = new FhirInstanceValidator(support);
    module.setNoExtensibleWarnings(true);
    module.setAnyExtensionsAllowed(true);
    // IHE's profiles are in no package of Maven Central: what follows them is judged as FHIR R4.
    module.setErrorForUnknownProfiles(false);
    FhirValidator validator = context.newValidator().registerValidatorModule(module);
    for (String file : files) {
      int findings = 0;
      for (SingleValidationMessage message :
          validator.validateWithResult(Files.readString(Path.of(file))).getMessages()) {
        if (message.getSeverity() == ResultSeverityEnum.INFORMATION) continue;
        findings++;
        System.out.println(
            String.join(
                "\t",
                file,
                message.getSeverity().name(),
                String.valueOf(message.getLocationString()),
                message.getMessage().replaceAll("\\s+", " ")));
      }
      System.out.println(String.join("\t", file, "DONE", "", String.valueOf(findings)));
    }
  }
}
