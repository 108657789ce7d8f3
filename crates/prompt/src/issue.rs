//! The codes of issues: one table. An [`Issue`](crate::Issue) is one problem of a document or of inputs.

macro_rules! issue_codes {
    ($($name:ident $code:literal $about:literal)*) => {
        $(#[doc = $about] pub const $name: &str = $code;)*

        /// Every issue code with what it says.
        pub const ALL: &[(&str, &str)] = &[$(($code, $about)),*];
    };
}

issue_codes! {
    // Documents.
    UNKNOWN_FIELD "unknown_field" "The object has no such field"
    MISSING_FIELD "missing_field" "A required field is missing"
    INVALID_VALUE "invalid_value" "The value has the right type and cannot be taken"
    DUPLICATE "duplicate" "The name is used twice"
    CONFLICT "conflict" "Two fields contradict each other"
    UNSAFE_INTEGER "unsafe_integer" "An integer outside ±(2^53 - 1), which not every reader of JSON keeps"
    UNKNOWN_KEYWORD "unknown_keyword" "A keyword outside the supported subset of JSON Schema"
    // Documents and inputs.
    WRONG_TYPE "wrong_type" "The value has another type"
    NOT_IN_ENUM "not_in_enum" "The value is none of those that are listed"
    SCHEMA_MISMATCH "schema_mismatch" "The value does not fit the schema"
    // Inputs.
    TOO_DEEP "too_deep" "More levels than the limit"
    TOO_LARGE "too_large" "More bytes or values than the limit"
    MISSING_INPUT "missing_input" "A required input is missing"
    UNKNOWN_INPUT "unknown_input" "No input is declared under this name"
    // Inputs that come as JavaScript values.
    CYCLE "cycle" "The value contains itself"
    UNSUPPORTED_TYPE "unsupported_type" "The value is of a kind that has no counterpart in a template"
    NOT_FINITE "not_finite" "The number is not finite"
    INVALID_UNICODE "invalid_unicode" "The text has half of a surrogate pair"
    UNREADABLE "unreadable" "Reading the value threw an error"
    // Templates.
    UNDEFINED_NAME "undefined_name" "A template reads a name that no input declares"
    UNKNOWN_FILTER "unknown_filter" "There is no such filter"
    UNKNOWN_TEST "unknown_test" "There is no such test"
    UNKNOWN_ATTRIBUTE "unknown_attribute" "The schema of an input has no such attribute"
    UNGUARDED_INPUT "unguarded_input" "An optional input is read without `if` or `default`"
    UNUSED_INPUT "unused_input" "No template reads the input"
    UNUSED_DEMONSTRATIONS "unused_demonstrations" "Nothing places the demonstrations into a message"
    SYNTAX "syntax" "The template does not parse"
    INCLUDE "include" "Templates cannot include, import or extend other templates"
    // Parameters.
    NEAR_MISS "near_miss" "A parameter is carried as it is, and is called almost like a known one"
    // Imports and payloads.
    NOT_KEPT "not_kept" "Something that has no place in the result was left out"
    NOT_SUPPORTED "not_supported" "The provider has no way to say this"
}

#[cfg(test)]
mod tests {
    #[test]
    fn codes_are_unique() {
        let mut codes: Vec<_> = super::ALL.iter().map(|(code, _)| code).collect();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), super::ALL.len());
    }
}
