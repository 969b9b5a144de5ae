"""What findings mean once they are found: assessments that rank explanations and show what they rest on."""
