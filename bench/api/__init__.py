"""`reelwire bench api`: what requests cost one serve process, on the generated town, beside floors of the same process."""
