//! What the static check knows of a value.

use crate::document::{Input, Type};
use crate::schema::Schema;

/// The shape of an expression's value.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Shape<'a> {
    /// Nothing is known.
    Unknown,
    /// A text, number or boolean.
    Scalar,
    /// A list of scalars.
    Scalars,
    /// A value that a schema describes.
    Schema(&'a Schema),
}

/// An attribute of a value.
pub(crate) enum AttributeShape<'a> {
    /// It may exist, with this shape.
    Some(Shape<'a>),
    /// It does not exist; those of the schema, if there is one, do.
    None(Option<&'a Schema>),
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

    /// A schema that only scalars fit is a scalar.
    fn simplified(self) -> Self {
        match self {
            Self::Schema(schema) if schema.is_scalar() => Self::Scalar,
            other => other,
        }
    }

    /// The shape of a value that has one of two shapes.
    pub(crate) fn join(self, other: Self) -> Self {
        match (self, other) {
            (Self::Scalar, Self::Scalar) | (Self::Scalars, Self::Scalars) => self,
            (Self::Schema(one), Self::Schema(two)) if std::ptr::eq(one, two) => self,
            _ => Self::Unknown,
        }
    }

    /// The shape of an item of the value.
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

    /// The attribute or member of that name.
    pub(crate) fn attribute(self, name: &str) -> AttributeShape<'a> {
        match self {
            Self::Unknown => AttributeShape::Some(Self::Unknown),
            Self::Scalar | Self::Scalars => AttributeShape::None(None),
            Self::Schema(schema) => match schema.property(name) {
                Some(property) => AttributeShape::Some(Self::Schema(property).simplified()),
                None if schema.is_closed() => AttributeShape::None(Some(schema)),
                None => AttributeShape::Some(Self::Unknown),
            },
        }
    }
}
