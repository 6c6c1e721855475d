"""What data does the product start with: a made-up council, or the public record?"""
