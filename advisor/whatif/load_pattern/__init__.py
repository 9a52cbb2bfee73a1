"""Which of the guide's load patterns a demand follows."""
