//! When a copy of a prompt may be served: policy, lookup, settle. Time is an argument.
