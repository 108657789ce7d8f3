//! Where versions and tags live: schema and operations over one small [`Sql`] trait.
