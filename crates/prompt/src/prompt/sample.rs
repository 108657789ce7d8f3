//! Made-up inputs, to measure what a render of a prompt costs before it is used.

use serde_json::{Map, Value, json};

use super::{Prompt, ShownDemonstrations};
use crate::document::{Input, Type};
use crate::error::{Code, Result};

impl Prompt {
    /// Renders once with made-up inputs: those of the first demonstration, else defaults, the first of an `enum`, or
    /// any value of the type. As they are made up, no error but that of the limits says anything about the prompt.
    ///
    /// # Errors
    /// `limit_exceeded`
    pub fn try_out(&self) -> Result<()> {
        let mut inputs = self.demonstrated();
        for input in self.inputs.iter().filter(|input| input.default.is_none()) {
            if !inputs.contains_key(&input.name) {
                inputs.insert(input.name.clone(), sample(input));
            }
        }
        match self.render(&Value::Object(inputs)) {
            Err(error) if error.code() == Code::LimitExceeded => Err(error),
            _ => Ok(()),
        }
    }

    /// The inputs of the first demonstration.
    fn demonstrated(&self) -> Map<String, Value> {
        let is_input = |name: &str| self.inputs.iter().any(|input| input.name == name);
        match &self.shown {
            ShownDemonstrations::Pairs { pairs, .. } => pairs
                .first()
                .map(|pair| pair.inputs.iter().cloned().collect()),
            ShownDemonstrations::Placed(rows) => {
                rows.get(0).and_then(Value::as_object).map(|row| {
                    let cells = row.iter().filter(|(name, _)| is_input(name));
                    cells.map(|(k, v)| (k.clone(), v.clone())).collect()
                })
            }
            ShownDemonstrations::No | ShownDemonstrations::InContext(_) => None,
        }
        .unwrap_or_default()
    }
}

fn sample(input: &Input) -> Value {
    let first = input.r#enum.as_ref().and_then(|values| values.first());
    first.cloned().unwrap_or_else(|| of_type(input.r#type))
}

fn of_type(r#type: Type) -> Value {
    match r#type {
        Type::Str | Type::Any => json!("text"),
        Type::Int => json!(1),
        Type::Float => json!(1.5),
        Type::Bool => json!(true),
        Type::Image => json!("https://example.com/image.png"),
        Type::Dict => json!({}),
        Type::Messages => json!([{ "role": "user", "content": "text" }]),
        list => json!([of_type(list.item())]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Document;

    const HEAVY: &str =
        "{% for a in range(9999) %}{% for b in range(9999) %}{{ b }}{% endfor %}{% endfor %}";

    fn tried(document: Value) -> Result<()> {
        let document: Document = serde_json::from_value(document).unwrap();
        Prompt::compile(&document).unwrap().try_out()
    }

    fn says(content: &str) -> Value {
        json!([{ "role": "user", "content": content }])
    }

    #[test]
    fn only_limits_count() {
        assert!(tried(json!({ "messages": says("Hello {{ name }}") })).is_ok());
        assert!(tried(json!({ "messages": says("{{ name.first.second }}") })).is_ok());
        let error = tried(json!({ "messages": says(HEAVY) })).unwrap_err();
        assert_eq!(error.code(), Code::LimitExceeded);
    }

    #[test]
    fn an_input_of_every_type_is_made_up() {
        for r#type in Type::ALL {
            // The sample value fits its type: otherwise the render would end before the template.
            let content = format!("{{{{ x }}}}{HEAVY}");
            let inputs = json!([{ "name": "x", "type": r#type.as_str() }]);
            let tried = tried(json!({ "messages": says(&content), "inputs": inputs }));
            assert!(tried.is_err(), "{type}");
        }
    }

    #[test]
    fn demonstrations_enums_and_defaults_come_before_any_value() {
        let content = format!("{{% if x == 'heavy' %}}{HEAVY}{{% endif %}}");
        for (more, input) in [
            (json!({}), json!({ "enum": ["heavy", "light"] })),
            (json!({}), json!({ "default": "heavy" })),
            (
                json!({
                    "promptingTechnique": "few_shot",
                    "outputs": [{ "name": "answer", "type": "str" }],
                    "demonstrations": {
                        "columns": [{ "id": "x", "type": "str" }, { "id": "answer", "type": "str" }],
                        "rows": [{ "x": "heavy", "answer": "yes" }],
                    },
                }),
                json!({}),
            ),
        ] {
            let mut document =
                json!({ "messages": says(&content), "inputs": [{ "name": "x", "type": "str" }] });
            for (key, value) in more.as_object().unwrap() {
                document[key] = value.clone();
            }
            for (key, value) in input.as_object().unwrap() {
                document["inputs"][0][key] = value.clone();
            }
            assert!(tried(document.clone()).is_err(), "{document}");
        }
    }
}
