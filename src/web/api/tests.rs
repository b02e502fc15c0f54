//! Tests of the API, in one process on a temporary database.
