//! What is known of a value before there is one.

use crate::document::{Input, Type};
use crate::schema::Schema;

/// What an expression's value will look like.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Shape<'a> {
    /// Nothing is known.
    Unknown,
    /// A text, number or boolean.
    Scalar,
    /// A list of them.
    Scalars,
    /// What a schema describes.
    Schema(&'a Schema),
}

/// What an attribute of a value is.
pub(crate) enum AttributeShape<'a> {
    /// There may be one, of this shape.
    Some(Shape<'a>),
    /// There is none; these are.
    None(Vec<&'a str>),
}

impl<'a> Shape<'a> {
    pub(crate) fn of(input: &Input, schema: Option<&'a Schema>) -> Self {
        match (input.r#type, schema) {
            (_, Some(schema)) => Self::Schema(schema).simplified(),
            (Type::Str | Type::Int | Type::Float | Type::Bool | Type::Image, _) => Self::Scalar,
            (list, _) if list.item() != Type::Any => Self::Scalars,
            _ => Self::Unknown,
        }
    }

    /// A schema of scalars is a scalar.
    fn simplified(self) -> Self {
        match self {
            Self::Schema(schema) if schema.is_scalar() => Self::Scalar,
            other => other,
        }
    }

    /// What is known of a value that looks like this or like another.
    pub(crate) fn join(self, other: Self) -> Self {
        match (self, other) {
            (Self::Scalar, Self::Scalar) | (Self::Scalars, Self::Scalars) => self,
            (Self::Schema(one), Self::Schema(two)) if std::ptr::eq(one, two) => self,
            _ => Self::Unknown,
        }
    }

    /// What an item of the value looks like.
    pub(crate) fn item(self) -> Self {
        match self {
            Self::Scalars | Self::Scalar => Self::Scalar,
            Self::Schema(schema) => schema
                .item()
                .map_or(Self::Unknown, Self::Schema)
                .simplified(),
            Self::Unknown => Self::Unknown,
        }
    }

    /// The attribute or member of a name.
    pub(crate) fn attribute(self, name: &str) -> AttributeShape<'a> {
        match self {
            Self::Unknown => AttributeShape::Some(Self::Unknown),
            Self::Scalar | Self::Scalars => AttributeShape::None(Vec::new()),
            Self::Schema(schema) => match schema.property(name) {
                Some(property) => AttributeShape::Some(Self::Schema(property).simplified()),
                None if schema.is_closed() => AttributeShape::None(schema.names().collect()),
                None => AttributeShape::Some(Self::Unknown),
            },
        }
    }
}
